/** What is drawn of a file's content. */
export interface ViewProps {
  url: string;
  label: string;
  /** To be told why nothing is drawn. */
  fail: (problem: unknown) => void;
}

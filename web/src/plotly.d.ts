/** plotly's strict distribution has no types of its own: what the page uses of it. */
declare module "plotly.js-strict-dist-min" {
  const plotly: {
    newPlot: (box: HTMLElement, figure: { data: unknown[]; layout: object; frames: unknown[]; config: object }) => Promise<unknown>;
    purge: (box: HTMLElement) => void;
  };
  export default plotly;
}

/** What went wrong, where it went wrong, and what to do. */

import type { JSX } from "preact";
import { Link } from "./Link";

export function Problem({ message, retry }: { message: string; retry?: () => void }): JSX.Element {
  return (
    <div class="problem" role="alert">
      <p>{message}</p>
      {retry && (
        <button type="button" class="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** A page that could not be shown. */
export function ProblemPage(props: { message: string; retry: () => void }): JSX.Element {
  return (
    <main id="main">
      <h1 class="visually-hidden">This page could not be shown</h1>
      <Problem {...props} />
    </main>
  );
}

export function NotFound({ what }: { what: string }): JSX.Element {
  return (
    <main class="centre" id="main">
      <h1>Not found</h1>
      <p class="soft">{what}</p>
      <Link href="/" class="button">
        All projects
      </Link>
    </main>
  );
}

/** What went wrong, where it went wrong, and what to do. */

import type { JSX } from "preact";
import type { ApiError } from "../api/http";
import { isAbsent } from "../state/loading";
import { Link } from "./Link";
import { Waiting } from "./Waiting";

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

/** Instead of a page whose content is not there: why not, or that it is on its way. `gone`: what is shown where the server knows of nothing. */
export function NotHere({ error, retry, gone }: { error: ApiError | undefined; retry(): void; gone?: (what: string) => JSX.Element }): JSX.Element {
  if (!error) return <Waiting />;
  if (!isAbsent(error)) return <ProblemPage message={error.message} retry={retry} />;
  return gone ? gone(error.message) : <NotFound what={error.message} awaited />;
}

/** `awaited`: it may come any moment, and is shown then. */
export function NotFound({ what, awaited = false }: { what: string; awaited?: boolean }): JSX.Element {
  return (
    <main class="centre" id="main">
      <h1>Not found</h1>
      <p class="soft">{what}</p>
      {awaited && <p class="soft">Has its training just begun? Then it appears here by itself.</p>}
      <Link href="/" class="button">
        All projects
      </Link>
    </main>
  );
}

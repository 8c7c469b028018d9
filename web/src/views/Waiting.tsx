/** Something is on its way. Shows nothing for the first 200 ms (see .waiting), so that what is fast does not flicker. */

import type { JSX } from "preact";

export function Waiting({ what = "Loading" }: { what?: string }): JSX.Element {
  return (
    <div class="waiting" role="status">
      <span class="waiting-bar" />
      <span class="visually-hidden">{what}…</span>
    </div>
  );
}

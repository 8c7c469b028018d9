/** Now, in microseconds, for texts such as "5 min ago": moves every ten seconds while the page is looked at. */

import { signal } from "@preact/signals";

export const now = signal(Date.now() * 1000);

setInterval(() => {
  if (document.visibilityState === "visible") now.value = Date.now() * 1000;
}, 10_000);

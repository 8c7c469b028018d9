/** Where the page is. The address is the truth; everything else follows from it. */

import { computed, signal } from "@preact/signals";
import { parseRoute } from "../lib/routes";

const address = signal({ path: window.location.pathname, query: window.location.search });

export const path = computed(() => address.value.path);
export const query = computed(() => address.value.query);
export const route = computed(() => parseRoute(path.value));

window.addEventListener("popstate", read);

function read(): void {
  address.value = { path: window.location.pathname, query: window.location.search };
}

/** Go to an address of the page (a path, perhaps with a query). */
export function navigate(to: string, { replace = false } = {}): void {
  writeQuery();
  const now = window.location.pathname + window.location.search;
  if (to === now) return;
  if (replace) window.history.replaceState(null, "", to);
  else window.history.pushState(null, "", to);
  const before = path.value;
  read();
  if (path.value !== before) window.scrollTo(0, 0);
}

let writing: ReturnType<typeof setTimeout> | undefined;

/**
 * Put a query into the address without leaving the page. The page follows at once; the browser's own address a moment later,
 * since browsers refuse to have it changed at every move of a slider.
 */
export function replaceQuery(text: string): void {
  address.value = { path: path.value, query: text };
  writing ??= setTimeout(writeQuery, 150);
}

function writeQuery(): void {
  clearTimeout(writing);
  if (writing === undefined) return;
  writing = undefined;
  window.history.replaceState(null, "", path.value + query.value);
}

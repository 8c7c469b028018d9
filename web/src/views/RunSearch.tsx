/** Find runs. `/` comes here from anywhere on the page. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { problem } from "../state/runfilter";
import { setView, view } from "../state/view";
import { SearchIcon } from "./icons";

export function RunSearch(): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const slash = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || typing || event.metaKey || event.ctrlKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener("keydown", slash);
    return () => document.removeEventListener("keydown", slash);
  }, []);
  return (
    <label class="search run-search">
      <SearchIcon />
      <span class="visually-hidden">Find runs</span>
      <input
        ref={input} type="search" placeholder="Find runs" value={view.value.search} aria-keyshortcuts="/" maxLength={4000}
        title="Words of a name, id, state, group or tag; or a filter such as config.lr < 0.01 and state = finished" aria-invalid={problem.value !== null}
        onInput={(event) => setView({ search: event.currentTarget.value })}
      />
      {problem.value && <span class="search-problem" role="alert">{problem.value}</span>}
    </label>
  );
}

/** Find runs. `/` comes here from anywhere on the page. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
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
    <label class="search">
      <SearchIcon />
      <span class="visually-hidden">Find runs</span>
      <input
        ref={input} type="search" placeholder="Find runs" value={view.value.search} aria-keyshortcuts="/"
        onInput={(event) => setView({ search: event.currentTarget.value })}
      />
    </label>
  );
}

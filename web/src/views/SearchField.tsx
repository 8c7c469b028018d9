/** A field that narrows a list while one types. */

import type { JSX } from "preact";
import { SearchIcon } from "./icons";

export function SearchField({ label, value, onInput }: { label: string; value: string; onInput(text: string): void }): JSX.Element {
  return (
    <label class="search">
      <SearchIcon />
      <span class="visually-hidden">{label}</span>
      <input type="search" placeholder={label} value={value} onInput={(event) => onInput(event.currentTarget.value)} />
    </label>
  );
}

/** A list to search and pick from, by pointer or keyboard. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { focused } from "../lib/focused";
import { matches } from "../lib/search";
import { CheckIcon, SearchIcon } from "./icons";

export interface PickerProps {
  label: string;
  /** Value and text. */
  options: readonly (readonly [string, string])[];
  chosen: readonly string[];
  onPick(value: string): void;
  /** Several may be chosen, so it stays open. */
  several?: boolean;
}

/** Options that are listed at once: the search finds the others. */
const MOST = 200;

export function Picker({ label, options, chosen, onPick, several = false }: PickerProps): JSX.Element {
  const [search, setSearch] = useState("");
  const found = useMemo(() => options.filter(([, text]) => matches(search, [text])), [options, search]);
  /** What is written counts, though the list may be a frame behind. */
  const enter = (event: KeyboardEvent & { currentTarget: HTMLInputElement }): void => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const first = options.find(([, text]) => matches(event.currentTarget.value, [text]));
    if (first) onPick(first[0]);
  };
  return (
    <div class="picker">
      <label class="search">
        <SearchIcon />
        <span class="visually-hidden">{label}</span>
        <input
          type="search" placeholder={label} value={search} ref={focused} onInput={(event) => setSearch(event.currentTarget.value)}
          onKeyDown={enter}
        />
      </label>
      <div class="picker-list" role="listbox" aria-label={label} aria-multiselectable={several}>
        {found.slice(0, MOST).map(([value, text]) => {
          const on = chosen.includes(value);
          return (
            <button key={value} type="button" role="option" aria-selected={on} class="picker-option" onClick={() => onPick(value)} title={text}>
              <span class="picker-check">{on && <CheckIcon />}</span>
              <span class="ellipsis">{text}</span>
            </button>
          );
        })}
      </div>
      {!found.length && <p class="soft picker-note">Nothing has “{search}” in its name.</p>}
      {found.length > MOST && <p class="soft picker-note">{(found.length - MOST).toLocaleString("en")} more: type to find them.</p>}
    </div>
  );
}

/** A run's tags: take one off, put one on. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { focused } from "../lib/focused";
import { CrossIcon } from "./icons";
import { useDeed } from "./useDeed";

export interface TagsProps {
  tags: readonly string[];
  disabled: boolean;
  onSave(tags: string[]): Promise<void>;
}

export function Tags({ tags, disabled, onSave }: TagsProps): JSX.Element {
  const [draft, setDraft] = useState<string | null>(null);
  const { problem, attempt } = useDeed();
  const save = (next: string[]) => attempt(() => onSave([...new Set(next)]));
  const add = async (): Promise<void> => {
    const tag = (draft ?? "").trim();
    setDraft(null);
    if (tag) await save([...tags, tag]);
  };
  return (
    <span class="tags">
      {tags.map((tag) => (
        <span class="tag" key={tag}>
          <span class="ellipsis">{tag}</span>
          {!disabled && (
            <button type="button" aria-label={`Take off the tag ${tag}`} onClick={() => void save(tags.filter((other) => other !== tag))}>
              <CrossIcon />
            </button>
          )}
        </span>
      ))}
      {!disabled && draft === null && (
        <button type="button" class="link" onClick={() => setDraft("")}>
          Add a tag
        </button>
      )}
      {draft !== null && (
        <input
          type="text" class="tag-input" aria-label="New tag" maxLength={64} ref={focused} value={draft} onInput={(event) => setDraft(event.currentTarget.value)}
          onBlur={() => void add()}
          onKeyDown={(event) => {
            if (event.key === "Enter") void add();
            if (event.key === "Escape") setDraft(null);
          }}
        />
      )}
      {disabled && !tags.length && <span class="faint">–</span>}
      {problem && <span class="error" role="alert">{problem}</span>}
    </span>
  );
}

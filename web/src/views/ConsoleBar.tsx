/** Above the console: search, the way to the top and the end, whether new lines are followed. */

import type { ComponentChildren, JSX } from "preact";
import { plural } from "../lib/format";
import { DownIcon, DownloadIcon, SearchIcon, UpIcon } from "./icons";

export interface ConsoleBarProps {
  needle: string;
  onNeedle(text: string): void;
  found: number;
  at: number;
  searched: number;
  onStep(by: number): void;
  total: number;
  follow: boolean;
  onFollow(follow: boolean): void;
  onTop(): void;
  onEnd(): void;
  /** As of which step the lines are; null: now. */
  step: number | null;
  /** Go to the first line of a step. */
  onJump(step: number): void;
  /** Where all lines are, as a file. */
  download: string;
  children?: ComponentChildren;
}

export function ConsoleBar(props: ConsoleBarProps): JSX.Element {
  const { needle, found, at, searched } = props;
  return (
    <div class="console-bar" role="toolbar" aria-label="Console">
      <label class="search">
        <SearchIcon />
        <span class="visually-hidden">Find in the console</span>
        <input
          type="search" placeholder="Find" value={needle} onInput={(event) => props.onNeedle(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && props.onStep(event.shiftKey ? -1 : 1)}
        />
      </label>
      {needle && (
        <span class="soft num" role="status">
          {found ? `${at + 1} of ${found.toLocaleString("en")}` : searched < 1 ? "" : "nothing found"}
          {searched < 1 && ` ${Math.floor(searched * 100)} %`}
        </span>
      )}
      {found > 1 && (
        <>
          <button type="button" class="icon-button" aria-label="Previous match" title="Previous (Shift Enter)" onClick={() => props.onStep(-1)}><UpIcon /></button>
          <button type="button" class="icon-button" aria-label="Next match" title="Next (Enter)" onClick={() => props.onStep(1)}><DownIcon /></button>
        </>
      )}
      {props.children}
      <span class="toolbar-space" />
      <span class="soft num">
        {plural(props.total, "line")}
        {props.step !== null && ` until step ${props.step.toLocaleString("en")}`}
      </span>
      <label class="console-jump">
        <span>Step</span>
        <input
          type="text" inputMode="numeric" aria-label="Go to the lines of step" size={7} placeholder="go to"
          onKeyDown={(event) => event.key === "Enter" && /^\d{1,15}$/.test(event.currentTarget.value.replaceAll(",", "")) && props.onJump(Number(event.currentTarget.value.replaceAll(",", "")))}
        />
      </label>
      <a class="icon-button" href={props.download} download aria-label="Download all lines" title="Download all lines"><DownloadIcon /></a>
      <button type="button" class="chip" onClick={props.onTop}>Top</button>
      <button type="button" class="chip" onClick={props.onEnd}>End</button>
      <button type="button" class="chip" aria-pressed={props.follow} disabled={props.step !== null} onClick={() => props.onFollow(!props.follow)} title="Keep to the newest line">
        Follow
      </button>
    </div>
  );
}

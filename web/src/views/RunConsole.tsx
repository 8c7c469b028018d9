/** A run's console: what it printed, live, or until where the playhead stands; of all its writers, or of one. */

import { useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { consoleUrl } from "../api/resources";
import type { Run } from "../api/types";
import { useOwned } from "../charts/useOwned";
import { ConsoleState } from "../state/console";
import { segment, step as playhead } from "../state/place";
import { ConsoleBar } from "./ConsoleBar";
import { ConsoleLine } from "./ConsoleLine";
import { Empty, Nothing } from "./Empty";
import { LabelFilter } from "./LabelFilter";
import { Problem } from "./Problem";
import { useMoved } from "./useMoved";
import { VirtualList } from "./VirtualList";
import { Waiting } from "./Waiting";

const ROW = 20;

export function RunConsole({ run }: { run: Run }): JSX.Element {
  const [label, setLabel] = useState<string | null>(null);
  return <Lines key={`${segment.value}/${label}`} run={run} label={label} onLabel={setLabel} />;
}

interface LinesProps {
  run: Run;
  label: string | null;
  onLabel(label: string | null): void;
}

function Lines({ run, label, onLabel }: LinesProps): JSX.Element {
  const state = useOwned(() => new ConsoleState(run.entity, run.project, run.id, segment.peek(), playhead.peek(), label));
  const [follow, setFollow] = useState(true);
  const [needle, setNeedle] = useState("");
  const [match, setMatch] = useState(0);
  const [jumped, setJumped] = useState<number | null>(null);
  const scrollTo = useRef<((row: number) => void) | null>(null);
  useMoved(run.id, () => state.moved());
  useSignalEffect(() => {
    // The newest line of then is what one wants to see.
    state.moveTo(playhead.value);
    if (playhead.value !== null) setFollow(true);
  });
  useEffect(() => {
    const timer = setTimeout(() => void state.search(needle), 150);
    setMatch(0);
    return () => clearTimeout(timer);
  }, [needle]);
  const total = state.total.value;
  const matches = state.matches.value;
  const current = matches[match];
  const goTo = (row: number): void => {
    setFollow(false);
    scrollTo.current?.(row);
  };
  const jump = async (to: number): Promise<void> => {
    const row = await state.rowOf(to);
    if (row === null) return;
    setJumped(row);
    goTo(row);
  };
  const step = (by: number): void => {
    if (!matches.length) return;
    const next = (match + by + matches.length) % matches.length;
    setMatch(next);
    goTo(matches[next] as number);
  };
  useEffect(() => {
    if (match === 0 && matches[0] !== undefined && needle) goTo(matches[0]);
  }, [matches[0], needle]);
  void state.version.value; // lines that came in are drawn

  if (total === null) return state.error.value ? <Problem message={state.error.value} /> : <Waiting />;
  const at = playhead.value;
  if (total === 0) {
    if (at !== null) return <Nothing title="Nothing printed yet" text={`Until step ${at.toLocaleString("en")} there was no line on the console${label ? ` of ${label}` : ""}.`} />;
    if (label !== null) return <div class="pad"><LabelFilter labels={run.labels} value={label} onChange={onLabel} /></div>;
    if (run.finished_at !== null) return <Nothing title="Nothing was printed" text="This run ended without a line on its console." />;
    return <Empty title="Nothing printed yet" text="What the training prints is shown here." project={run.project} line={'print("hello from the console")'} />;
  }
  return (
    <section class="console card" aria-label="Console">
      <ConsoleBar
        needle={needle} onNeedle={setNeedle} found={matches.length} at={match} searched={state.searched.value} onStep={step}
        total={total} follow={follow} onFollow={setFollow} onTop={() => goTo(0)} onEnd={() => setFollow(true)} step={at}
        onJump={(to) => void jump(to)} download={consoleUrl(run.entity, run.project, run.id, { segment: segment.value ?? undefined, step: at ?? undefined, label: label ?? undefined })}
      >
        <LabelFilter labels={run.labels} value={label} onChange={onLabel} />
      </ConsoleBar>
      {state.error.value && <p class="error pad">{state.error.value}</p>}
      <VirtualList
        class="lines" total={total} rowHeight={ROW} label="Lines" follow={follow} onEnd={setFollow} scrollTo={scrollTo}
        onRows={(first, last) => state.want(first, last)}
        row={(number) => <ConsoleLine key={number} number={number} line={state.line(number)} needle={needle} current={needle ? number === current : number === jumped} />}
      />
    </section>
  );
}

/** What a chart draws now: what the server answered, as the page is set up. */

import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Grouping } from "../lib/groups";
import type { ChartState } from "../state/chart";
import { runColour } from "../state/colours";
import { groupColour } from "../state/grouping";
import { theme } from "../state/theme";
import { view } from "../state/view";
import { type Cast, type Picture, toPicture } from "./picture";

export function usePicture(state: ChartState, key: string, runs: readonly { id: string; name: string }[], grouping: Grouping | null): Picture | null {
  const drawing = state.drawing.value;
  const { smoothing, smoothingKind, logX, clip, spread } = view.value;
  const log = useComputed(() => view.value.log.has(key)).value;
  const asked = drawing?.question.runs ?? [];
  const grouped = grouping !== null && spread !== null;
  const colours = grouped ? grouping.names.map((name) => groupColour(name) ?? "#888888") : asked.map(runColour);
  const cast = useMemo<Cast>(() => {
    if (grouped) return { ids: grouping.names, names: grouping.names, colours };
    const byId = new Map(runs.map((run) => [run.id, run.name]));
    return { ids: asked, names: asked.map((id) => byId.get(id) ?? id), colours };
  }, [drawing, runs, grouping, grouped, colours.join()]);
  return useMemo(
    () => drawing && toPicture(drawing.question, drawing.lines, { log, logX, clip, smoothing, smoothingKind, spread }, cast, grouping),
    [drawing, log, logX, clip, smoothing, smoothingKind, spread, cast, theme.value],
  );
}

/** A chart that fills the window, with what there is to set beside it and all names. Escape closes it; it is in the address. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Chart, type ChartProps } from "../charts/Chart";
import { runColour } from "../state/colours";
import { groupColour } from "../state/grouping";
import { hovered, setFull } from "../state/view";
import { ChartControls } from "./ChartControls";
import { CrossIcon } from "./icons";
import { VirtualList } from "./VirtualList";

/** Pixels that the chart does not have: bars, head, edges. */
const AROUND = 150;

export function FullChart({ metrics, ...chart }: Omit<ChartProps, "full"> & { metrics: readonly string[] }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [height, setHeight] = useState(window.innerHeight - AROUND);
  useEffect(() => {
    const resize = (): void => setHeight(window.innerHeight - AROUND);
    window.addEventListener("resize", resize);
    dialog.current?.showModal();
    return () => window.removeEventListener("resize", resize);
  }, []);
  const names = chart.grouping ? chart.grouping.names.map((name) => ({ id: name, name })) : chart.runs.toReversed();
  return (
    <dialog class="full" ref={dialog} aria-label={`Chart of ${chart.chartKey}, full screen`} onClose={() => setFull(null)}>
      <div class="full-bar" role="toolbar" aria-label="This chart">
        <ChartControls metrics={metrics} timed={chart.source === "system"} />
        <span class="toolbar-space" />
        <button type="button" class="icon-button" aria-label="Leave full screen" title="Leave full screen (Escape)" onClick={() => dialog.current?.close()}><CrossIcon /></button>
      </div>
      <div class="full-parts">
        <Chart {...chart} full={Math.max(240, height)} />
        {names.length > 1 && (
          <div class="full-names" style={{ height: `${Math.max(240, height) + 46}px` }} onMouseLeave={() => (hovered.value = null)}>
            <VirtualList
              total={names.length} rowHeight={26} label="Names"
              row={(index) => {
                const run = names[index] as { id: string; name: string };
                return (
                  <div key={run.id} class={`full-name${hovered.value === run.id ? " front" : ""}`} onMouseEnter={() => (hovered.value = run.id)}>
                    <span class="swatch" style={{ background: groupColour(run.id) ?? runColour(run.id) }} />
                    <span class="ellipsis" title={run.name}>{run.name}</span>
                  </div>
                );
              }}
            />
          </div>
        )}
      </div>
    </dialog>
  );
}

/** Draw over a metric: a list to search. */

import type { JSX } from "preact";
import { setView } from "../state/view";
import { Picker } from "./Picker";
import { Popover } from "./Popover";

export function AxisPicker({ metrics, value }: { metrics: readonly string[]; value: string | null }): JSX.Element {
  return (
    <Popover label={value ?? "Metric"} class={`axis-metric${value === null ? "" : " on"}`} title="Draw over a metric">
      {(close) => (
        <Picker
          label="Find a metric" options={metrics.map((name) => [name, name] as const)} chosen={value === null ? [] : [value]}
          onPick={(name) => {
            setView({ axis: name === value ? "step" : `metric:${name}` });
            close();
          }}
        />
      )}
    </Popover>
  );
}

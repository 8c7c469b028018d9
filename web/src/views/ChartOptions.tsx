/** What is seldom wanted of all charts: outliers left out, a logarithmic x axis, groups as one line each. */

import type { JSX } from "preact";
import type { Spread } from "../lib/aggregate";
import { setView, view } from "../state/view";
import { someDefined } from "../state/definitions";
import { route } from "../state/location";
import { GroupBy } from "./GroupBy";
import { SlidersIcon } from "./icons";
import { Popover } from "./Popover";

const spreads: readonly [Spread | "", string][] = [
  ["", "Every run"], ["range", "Mean, lowest to highest"], ["deviation", "Mean ± standard deviation"], ["error", "Mean ± standard error"],
];

export function ChartOptions({ timed }: { timed: boolean }): JSX.Element {
  const { clip, logX, by, spread, defined } = view.value;
  const count = Number(clip) + Number(logX && !timed) + Number(spread !== null && by !== null);
  return (
    <Popover label={count ? `Options (${count})` : "Options"} icon={<SlidersIcon />} class="options-button" title="How charts are drawn">
      {() => (
        <div class="options">
          <label class="check"><input type="checkbox" checked={clip} onChange={() => setView({ clip: !clip })} /> Leave outliers out of the y axes</label>
          {!timed && <label class="check"><input type="checkbox" checked={logX} onChange={() => setView({ logX: !logX })} /> Logarithmic x axis</label>}
          {!timed && someDefined.value && <label class="check"><input type="checkbox" checked={defined} onChange={() => setView({ defined: !defined })} /> Over the axis that define_metric() names</label>}
          {route.value.page === "project" && (
            <>
              <span class="option"><span aria-hidden="true">Group runs by</span> <GroupBy label="Group the lines by" /></span>
              <label class="option">
                <span>Draw of a group</span>
                <select class="select" value={spread ?? ""} disabled={by === null} onChange={(event) => setView({ spread: (event.currentTarget.value as Spread | "") || null })}>
                  {spreads.map(([value, name]) => <option key={value} value={value}>{name}</option>)}
                </select>
              </label>
            </>
          )}
        </div>
      )}
    </Popover>
  );
}

/** A figure of plotly, drawn by plotly. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { askJson } from "../../api/http";
import { toFigure } from "../../lib/figure";
import { plotly } from "./plotly";
import type { ViewProps } from "./view";

const CONFIG = { responsive: true, displayModeBar: false, displaylogo: false };

export function Figure({ url, label, fail }: ViewProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let gone = false;
    askJson<unknown>(url)
      .then(toFigure)
      .then((figure) => (gone || !box.current ? undefined : plotly.newPlot(box.current, { ...figure, config: CONFIG })))
      .catch((problem: unknown) => gone || fail(problem));
    return () => void (gone = true);
  }, [url]);
  useEffect(() => {
    const drawn = box.current;
    return () => void (drawn && plotly.purge(drawn));
  }, []);
  return <div ref={box} class="plotly-figure" role="figure" aria-label={label} />;
}

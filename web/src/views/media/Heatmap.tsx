/** Histograms over the steps: a column a step, the darker the more. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { getHistograms } from "../../api/resources";
import type { Histograms, Run } from "../../api/types";
import { formatNumber } from "../../lib/format";
import type { Place } from "../../lib/media";

const BINS = 64;

export function Heatmap({ run, place }: { run: Run; place: Place }): JSX.Element {
  const [found, setFound] = useState<Histograms | null>(null);
  const [error, setError] = useState<string | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let gone = false;
    getHistograms(run.entity, run.project, run.id, { key: place.key, segment: place.segment, bins: BINS }).then(
      (told) => gone || setFound(told),
      (problem: unknown) => gone || setError(String(problem)),
    );
    return () => void (gone = true);
  }, [run.id, place.key, place.segment, run.step]);
  useEffect(() => {
    if (found && canvas.current) draw(canvas.current, found);
  }, [found]);
  if (error) return <p class="error">{error}</p>;
  const { steps = [], edges = [] } = found ?? {};
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 0];
  const at = steps.findLastIndex((step) => step <= place.step);
  return (
    <div class="heatmap">
      <div class="heatmap-box">
        <canvas ref={canvas} role="img" aria-label={`Histograms of ${place.key}: ${steps.length} steps, values from ${formatNumber(low, 4)} to ${formatNumber(high, 4)}`} />
        {at >= 0 && steps.length > 1 && <i class="heatmap-here" style={{ left: `${(100 * (at + 0.5)) / steps.length}%` }} />}
      </div>
      <p class="heatmap-scale soft num"><span>{formatNumber(low, 4)}</span><span>to</span><span>{formatNumber(high, 4)}</span></p>
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, { steps, edges, counts }: Histograms): void {
  const bins = edges.length - 1;
  const context = canvas.getContext("2d");
  if (!context || bins < 1 || !steps.length) return;
  [canvas.width, canvas.height] = [steps.length, bins];
  const picture = context.createImageData(steps.length, bins);
  counts.forEach((column, x) => {
    const most = Math.max(...column, 1e-9);
    column.forEach((count, bin) => {
      const at = 4 * ((bins - 1 - bin) * steps.length + x);
      picture.data.set([91, 95, 199, count ? 30 + (225 * count) / most : 0], at);
    });
  });
  context.putImageData(picture, 0, 0);
}

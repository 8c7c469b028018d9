/** A point cloud to be turned by the mouse or the arrow keys, and to be come near to by the wheel or + and -. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { askJson } from "../../api/http";
import { type Cloud, project, toCloud } from "../../lib/cloud";
import { onTurn } from "./turning";
import type { ViewProps } from "./view";

const SIZE = 480;

export function Points({ url, label, fail }: ViewProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cloud, setCloud] = useState<Cloud | null>(null);
  const [view, setView] = useState({ turn: 0.6, tilt: 0.5, zoom: 0.7 });
  useEffect(() => {
    let gone = false;
    askJson<unknown>(url).then((told) => gone || setCloud(toCloud(told)), (problem: unknown) => gone || fail(problem));
    return () => void (gone = true);
  }, [url]);
  useEffect(() => {
    if (cloud && canvas.current) draw(canvas.current, cloud, view);
  }, [cloud, view]);
  const move = (turn: number, tilt: number, zoom: number): void =>
    setView((before) => ({ turn: before.turn + turn, tilt: Math.max(-1.5, Math.min(1.5, before.tilt + tilt)), zoom: Math.max(0.1, Math.min(20, before.zoom * zoom)) }));
  return (
    <canvas
      ref={canvas} class="cloud" width={SIZE} height={SIZE} tabIndex={0} role="img"
      aria-label={`${label}: ${cloud ? (cloud.points.length / 3).toLocaleString("en") : "…"} points`}
      onPointerMove={(event) => event.buttons && move(event.movementX / 100, event.movementY / 100, 1)}
      onWheel={(event) => { event.preventDefault(); move(0, 0, event.deltaY < 0 ? 1.1 : 1 / 1.1); }}
      onKeyDown={onTurn(move)}
    />
  );
}

function draw(canvas: HTMLCanvasElement, { points, colours }: Cloud, { turn, tilt, zoom }: { turn: number; tilt: number; zoom: number }): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const picture = context.createImageData(SIZE, SIZE);
  const depths = new Float32Array(SIZE * SIZE).fill(Infinity);
  for (let at = 0; at < points.length; at += 3) {
    const [x, y, depth] = project(points[at] ?? 0, points[at + 1] ?? 0, points[at + 2] ?? 0, turn, tilt);
    const [left, top] = [Math.round((SIZE / 2) * (1 + x * zoom)), Math.round((SIZE / 2) * (1 + y * zoom))];
    for (const [dx, dy] of [[0, 0], [1, 0], [0, 1], [1, 1]] as const) {
      const [column, row] = [left + dx, top + dy];
      const place = row * SIZE + column;
      if (column < 0 || row < 0 || column >= SIZE || row >= SIZE || (depths[place] ?? 0) <= depth) continue;
      depths[place] = depth;
      picture.data.set(colours.subarray(at, at + 3), place * 4);
      picture.data[place * 4 + 3] = 255;
    }
  }
  context.putImageData(picture, 0, 0);
}

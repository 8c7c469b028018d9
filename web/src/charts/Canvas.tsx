/** The drawn part of a chart: keeps one plot in step with the picture and with the size of its place. */

import { useSignalEffect } from "@preact/signals";
import type { JSX, RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { cursor } from "../state/moment";
import { theme } from "../state/theme";
import { hovered } from "../state/view";
import type { Picture } from "./picture";
import { type Handlers, Plot, type Point } from "./plot";
import { readInk } from "./theme";

/** Milliseconds that the pointer stays with a run before all charts bring it to the front: each has to be drawn anew for that. */
const SETTLED = 120;

export interface CanvasProps extends Handlers {
  picture: Picture;
  width: number;
  height: number;
  /** Filled with a function that puts the crosshair on a value. */
  pointAt: RefObject<((index: number) => Point | null) | null>;
}

export function Canvas({ picture, width, height, pointAt, onZoom, onPoint }: CanvasProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const inkOf = useRef("");
  const handlers = useRef<Handlers>({ onZoom, onPoint });
  handlers.current = { onZoom, onPoint };
  pointAt.current = (index) => plot.current?.pointAt(index) ?? null;
  const ink = theme.value;

  useLayoutEffect(() => {
    if (!host.current || width < 40) return;
    if (plot.current && inkOf.current === ink && plot.current.fits(picture)) {
      plot.current.show(picture);
      return;
    }
    plot.current?.destroy();
    inkOf.current = ink;
    plot.current = new Plot(host.current, picture, { width, height }, readInk(host.current), {
      onZoom: (range) => handlers.current.onZoom(range),
      onPoint: (at) => handlers.current.onPoint(at),
    });
    plot.current.highlight(hovered.peek());
    plot.current.stand(cursor.peek());
  }, [picture, ink, width >= 40]);

  useLayoutEffect(() => {
    if (width >= 40) plot.current?.resize({ width, height });
  }, [width, height]);

  useSignalEffect(() => {
    const id = hovered.value;
    const timer = setTimeout(() => plot.current?.highlight(id), SETTLED);
    return () => clearTimeout(timer);
  });
  useSignalEffect(() => plot.current?.stand(cursor.value));
  useEffect(() => () => plot.current?.destroy(), []);

  return <div class="chart-canvas" ref={host} />;
}

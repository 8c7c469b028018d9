/** A model to be turned by the mouse or the arrow keys, and to be come near to by the wheel or + and -. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ask } from "../../api/http";
import { Stage } from "./stage";
import { onTurn } from "./turning";
import type { ViewProps } from "./view";

export function Model({ url, label, fail }: ViewProps): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [stage, setStage] = useState<Stage | null>(null);
  const [triangles, setTriangles] = useState<number | null>(null);
  useEffect(() => {
    if (!canvas.current) return undefined;
    try {
      const made = new Stage(canvas.current);
      setStage(made);
      return () => made.close();
    } catch (problem) {
      return fail(problem);
    }
  }, []);
  useEffect(() => {
    if (!stage) return undefined;
    let gone = false;
    ask(url)
      .then((answer) => answer.arrayBuffer())
      .then((content) => stage.load(content))
      .then((model) => gone || setTriangles(stage.show(model)))
      .catch((problem: unknown) => gone || fail(problem));
    return () => void (gone = true);
  }, [stage, url]);
  return (
    <canvas
      ref={canvas} class="cloud" tabIndex={0} role="img" aria-label={`${label}: ${triangles === null ? "…" : triangles.toLocaleString("en")} triangles`}
      onKeyDown={onTurn((turn, tilt, zoom) => stage?.turn(turn, tilt, zoom))}
    />
  );
}

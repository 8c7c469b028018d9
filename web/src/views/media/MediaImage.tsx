/** A logged image with its masks and boxes over it; each can be switched off. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, askJson } from "../../api/http";
import { storedUrl } from "../../api/resources";
import type { Run } from "../../api/types";
import { type Box, boxesOf, labelsOf } from "../../lib/boxes";
import { imagesOf, isObject, type Item, stored } from "../../lib/media";
import { classColour } from "../../lib/palette";
import { Image } from "../Image";

export interface MediaImageProps {
  run: Run;
  item: Item;
  label: string;
}

export function MediaImage({ run, item, label }: MediaImageProps): JSX.Element | null {
  const [image] = imagesOf(item);
  const masks = layers(item["masks"]);
  const boxes = layers(item["boxes"]);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  if (!image) return null;
  const toggle = (name: string): void => setHidden((before) => new Set(before.has(name) ? [...before].filter((one) => one !== name) : [...before, name]));
  return (
    <>
      <div class="overlaid">
        <Image entity={run.entity} project={run.project} run={run.id} image={image} label={label} />
        {masks.filter(([name]) => !hidden.has(name)).map(([name, mask]) => <Mask key={name} run={run} mask={mask} />)}
        {boxes.filter(([name]) => !hidden.has(name)).map(([name, found]) => <Boxes key={name} run={run} boxes={found} width={image.width} height={image.height} />)}
      </div>
      {masks.length + boxes.length > 0 && (
        <p class="overlay-names">
          {[...masks, ...boxes].map(([name]) => (
            <button key={name} type="button" class="chip" aria-pressed={!hidden.has(name)} onClick={() => toggle(name)}>{name}</button>
          ))}
        </p>
      )}
    </>
  );
}

function layers(told: unknown): [string, Item][] {
  return isObject(told) ? Object.entries(told).filter((entry): entry is [string, Item] => isObject(entry[1]) && stored(entry[1]).state === "there") : [];
}

/** A grey picture of class ids, painted in the classes' colours. */
function Mask({ run, mask }: { run: Run; mask: Item }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const url = storedUrl(run.entity, run.project, run.id, stored(mask));
  const labels = labelsOf(mask["class_labels"]);
  useEffect(() => {
    let gone = false;
    void ask(url).then((answer) => answer.blob()).then((blob) => createImageBitmap(blob)).then((picture) => gone || paint(canvas.current, picture)).catch(() => undefined);
    return () => void (gone = true);
  }, [url]);
  return <canvas ref={canvas} class="overlay" role="img" aria-label={`Mask: ${Object.values(labels).join(", ") || "classes"}`} />;
}

function paint(canvas: HTMLCanvasElement | null, picture: ImageBitmap): void {
  const context = canvas?.getContext("2d", { willReadFrequently: true });
  if (!canvas || !context) return;
  [canvas.width, canvas.height] = [picture.width, picture.height];
  context.drawImage(picture, 0, 0);
  const pixels = context.getImageData(0, 0, picture.width, picture.height);
  for (let at = 0; at < pixels.data.length; at += 4) {
    const id = pixels.data[at] ?? 0;
    pixels.data.set([...classColour(id), id ? 130 : 0], at);
  }
  context.putImageData(pixels, 0, 0);
}

function Boxes({ run, boxes, width, height }: { run: Run; boxes: Item; width: number; height: number }): JSX.Element | null {
  const [found, setFound] = useState<Box[]>([]);
  const url = storedUrl(run.entity, run.project, run.id, stored(boxes));
  useEffect(() => {
    let gone = false;
    void askJson<unknown>(url).then((told) => gone || setFound(boxesOf(told, width, height))).catch(() => undefined);
    return () => void (gone = true);
  }, [url]);
  return (
    <svg class="overlay" viewBox="0 0 1 1" preserveAspectRatio="none" role="img" aria-label={`Boxes: ${found.map(({ label }) => label).join(", ")}`}>
      {found.map((box, at) => (
        <rect
          key={at} x={box.x} y={box.y} width={box.width} height={box.height} fill="none" vector-effect="non-scaling-stroke" stroke-width="2"
          stroke={`rgb(${classColour(box.id).join(" ")})`}
        >
          <title>{box.label}</title>
        </rect>
      ))}
    </svg>
  );
}

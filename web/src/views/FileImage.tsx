/** A saved image, at its own size if there is room. One of many megabytes waits until somebody wants it. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { formatBytes } from "../lib/format";
import type { Shown } from "../state/file";

const HEAVY = 20_000_000;
const SMALL = 96;

export function FileImage({ file, url }: { file: Shown; url: string }): JSX.Element {
  const [wanted, setWanted] = useState(file.size <= HEAVY);
  const [size, setSize] = useState<[number, number] | null>(null);
  const [broken, setBroken] = useState(false);
  useEffect(() => setBroken(false), [url]);
  if (!wanted) return <p class="file-note"><button type="button" class="button" onClick={() => setWanted(true)}>Show the image ({formatBytes(file.size)})</button></p>;
  if (broken) return <p class="error file-note" role="alert">The image cannot be shown: its content is damaged, no image, or has not arrived yet.</p>;
  return (
    <figure class="preview file-image">
      <img
        src={url} alt={file.path} class={size && Math.max(...size) < SMALL ? "pixels" : ""} onError={() => setBroken(true)}
        onLoad={({ currentTarget: image }) => setSize([image.naturalWidth, image.naturalHeight])}
      />
      {size && <figcaption class="soft num">{size[0].toLocaleString("en")} × {size[1].toLocaleString("en")}</figcaption>}
    </figure>
  );
}

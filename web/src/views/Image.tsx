/** A logged image, at its own proportions before it has arrived; a click opens it by itself. */

import type { JSX } from "preact";
import { storedUrl } from "../api/resources";
import type { ImageFile } from "../lib/media";

export interface ImageProps {
  entity: string;
  project: string;
  run: string;
  image: ImageFile;
  label: string;
}

export function Image({ entity, project, run, image, label }: ImageProps): JSX.Element {
  const url = storedUrl(entity, project, run, image);
  const { width, height } = image;
  if (image.state !== "there") {
    return (
      <span class="image absent soft" role="img" aria-label={image.caption || label} style={{ width, aspectRatio: `${width || 1} / ${height || 1}` }}>
        {image.state === "waiting" ? "On its way" : "Lost"}
      </span>
    );
  }
  return (
    <a class="image" href={url} target="_blank" rel="noreferrer" title={`${label}${width ? `, ${width} × ${height}` : ""}`}>
      <img
        src={url} alt={image.caption || label} loading="lazy" decoding="async"
        {...(width && height ? { width, height, style: { aspectRatio: `${width} / ${height}` } } : {})}
        class={width && width < 128 ? "pixels" : ""}
      />
    </a>
  );
}

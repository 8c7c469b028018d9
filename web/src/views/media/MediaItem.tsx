/** One logged image, table, sound …, each shown as what it is. */

import type { JSX } from "preact";
import { htmlUrl, storedUrl } from "../../api/resources";
import type { Run } from "../../api/types";
import { type Item, type Place, stored, text } from "../../lib/media";
import { Heatmap } from "./Heatmap";
import { LoggedTable } from "./LoggedTable";
import { MediaImage } from "./MediaImage";
import { Download, type Kind, Viewer } from "./Viewer";

export interface MediaItemProps {
  run: Run;
  item: Item;
  place: Place;
}

export function MediaItem({ run, item, place }: MediaItemProps): JSX.Element {
  const caption = text(item, "caption");
  return (
    <figure class={`media-${text(item, "_type").replace(/-file$/, "")}`}>
      <Content run={run} item={item} place={place} />
      {caption && <figcaption>{caption}</figcaption>}
    </figure>
  );
}

function Content({ run, item, place }: MediaItemProps): JSX.Element {
  const label = text(item, "caption") || `${place.key}, step ${place.step}`;
  const file = stored(item);
  switch (text(item, "_type")) {
    case "image-file":
      return <MediaImage run={run} item={item} label={label} />;
    case "histogram":
      return <Heatmap run={run} place={place} />;
    case "table-file":
    case "incremental-table-file":
    case "custom-chart":
      return <LoggedTable run={run} place={place} />;
  }
  if (file.state !== "there") return <p class="soft">{file.state === "waiting" ? "On its way" : `Lost: ${text(item, "lost")}`}</p>;
  const url = storedUrl(run.entity, run.project, run.id, file);
  switch (text(item, "_type")) {
    case "audio-file":
      // oxlint-disable-next-line jsx-a11y/media-has-caption -- what was logged has none
      return <audio controls preload="none" src={url} aria-label={label} />;
    case "video-file":
      return file.path.endsWith(".gif") ? <img src={url} alt={label} loading="lazy" /> : <video controls loop muted preload="metadata" src={url} aria-label={label} />;
    case "html-file":
      // The server lets the document have no origin; the attribute says so once more.
      return <iframe class="media-frame" sandbox="allow-scripts allow-popups" loading="lazy" title={label} src={htmlUrl(run.entity, run.project, run.id, file.path)} />;
  }
  const kind = viewed(text(item, "_type"), file.path);
  return kind ? <Viewer kind={kind} url={url} label={label} path={file.path} /> : <Download url={url} path={file.path} />;
}

function viewed(type: string, path: string): Kind | null {
  if (type === "plotly-file") return "figure";
  if (type !== "object3D-file") return null;
  if (path.endsWith(".pts.json")) return "points";
  return /\.(glb|gltf)$/i.test(path) ? "model" : null;
}

/** The newest images of each run that is shown, side by side. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useOwned } from "../charts/useOwned";
import { imagesOf } from "../lib/media";
import { runColour } from "../state/colours";
import { NewestMedia } from "../state/newestmedia";
import { Fold } from "./Fold";
import { Image } from "./Image";

const MAX_RUNS = 24;
const MAX_IMAGES = 4;

export interface ProjectMediaProps {
  keys: readonly string[];
  /** Those that are drawn. */
  runs: readonly { id: string }[];
}

export function ProjectMedia({ keys, runs }: ProjectMediaProps): JSX.Element | null {
  const newest = useOwned(() => new NewestMedia());
  useEffect(() => newest.want(runs.map(({ id }) => id).toReversed(), keys), [runs, keys.join("\n")]);
  const panels = [...keys].toSorted().map((key) => ({
    key,
    cells: newest.runs.value.map((run) => ({ run, images: imagesOf(run.summary[key]) })).filter(({ images }) => images.length).slice(0, MAX_RUNS),
  })).filter(({ cells }) => cells.length);
  if (!panels.length) return null;
  return (
    <Fold title="Media" count={panels.length}>
      {panels.map(({ key, cells }) => (
        <section key={key} class="card media" aria-label={`Images of ${key}`}>
          <header class="chart-head">
            <h3 title={key}>{key}</h3>
            <span class="soft">newest</span>
          </header>
          <div class="media-grid">
            {cells.map(({ run, images }) => (
              <figure key={run.id}>
                <div class="media-images">
                  {images.slice(0, MAX_IMAGES).map((image) => (
                    <Image key={image.sha256} entity={run.entity} project={run.project} run={run.id} image={image} label={`${key} of ${run.name}`} />
                  ))}
                </div>
                <figcaption>
                  <span class="swatch" style={{ background: runColour(run.id) }} />
                  <span class="ellipsis">{run.name}</span>
                </figcaption>
              </figure>
            ))}
          </div>
        </section>
      ))}
    </Fold>
  );
}

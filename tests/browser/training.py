"""Records a run as it is told on stdin: a JSON list a line, answered with `done`."""

import json
import sys
from pathlib import Path

import numpy as np

import playhead

run = playhead.init(**json.loads(sys.argv[1]))
print(f"done /{run.entity}/{run.project}/runs/{run.id}", flush=True)  # noqa: T201 its answer
for line in sys.stdin:
    verb, *values = json.loads(line)
    if verb == "log":
        for row in values:
            run.log(row)
    elif verb == "media":
        levels = np.zeros((20, 30), np.uint8)
        levels[5:15, 5:25] = 1
        box = {"position": {"minX": 0.1, "maxX": 0.5, "minY": 0.2, "maxY": 0.6}, "class_id": 1, "scores": {"sure": 0.9}}
        for number in range(3):
            table = playhead.Table(
                ["n", "picture"], [[n, playhead.Image(levels) if n == 0 else None] for n in range(30 * (number + 1))]
            )
            run.log({
                "boxed": playhead.Image(
                    levels, masks={"truth": {"mask_data": levels, "class_labels": {1: "cat"}}}, boxes={"guess": {"box_data": [box], "class_labels": {1: "cat"}}}
                ),
                "weights": playhead.Histogram(np.arange(100.0) + number), "table": table,
                "report": playhead.Html(f"<p id=told>{number}</p><script>told.textContent += ' ' + (self.origin === 'null' ? 'no origin' : origin)"
                    "; try { document.title = parent.document.title } catch { told.textContent += ', no parent' }</script>"),
                "tone": playhead.Audio(np.zeros(8000), sample_rate=8000), "cloud": playhead.Object3D(np.random.default_rng(0).random((500, 3))),
                "clip": playhead.Video(np.zeros((3, 3, 8, 8), np.uint8), caption="a clip"),
            })  # fmt: skip
    elif verb == "config":
        run.config.update(*values)
    elif verb == "save":
        for name in values:
            Path(run.dir, name).write_text("saved\n")
            run.save(name)
    elif verb == "artifact":
        for name in values:
            Path("rows.csv").write_text("n\n1\n")
            run.log_artifact("rows.csv", name=name, type="dataset")
    elif verb == "table":
        key, *cells = values
        run.log({key: playhead.Table([key], [[cell] for cell in cells])})
    elif verb == "image":
        key, count = values
        for number in range(count):
            picture = np.full((28, 28, 3), 60 * number, np.uint8)
            run.log({key: playhead.Image(picture, caption=f"number {number}")})
    else:
        for text in values:
            print(text, file=sys.stderr if verb == "warn" else sys.stdout)
        sys.stderr.flush()
    print("done .", flush=True)  # noqa: T201 its answer
run.finish()

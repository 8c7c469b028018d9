"""Records a run as it is told on stdin: a JSON list a line, answered with `done`."""

import json
import sys

import numpy as np

import playhead

run = playhead.init(**json.loads(sys.argv[1]))
print(f"done /{run.entity}/{run.project}/runs/{run.id}", flush=True)  # noqa: T201 its answer
for line in sys.stdin:
    verb, *values = json.loads(line)
    if verb == "log":
        for row in values:
            run.log(row)
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

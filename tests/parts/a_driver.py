"""A training that does as it is told: a command a line on stdin, an answer a line on what was stdout. It may be killed at any time."""

import json
import os
import sys

import playhead

answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
runs = {}


def begin(handle, **how):
    run = runs[handle] = playhead.init(reinit="create_new", **how)
    folder = str(run._place.folder)
    return {"id": run.id, "segment": run.segment_id, "folder": folder, "resumed": run.resumed, **look(handle)}


def look(handle):
    run = runs[handle]
    return {"step": run.step, "config": run.config.as_dict()}


def log(handle, rows):
    """Each row is answered when `log` has returned."""
    for data, step, commit in rows:
        runs[handle].log(data, step=step, commit=commit)
        answer({"step": runs[handle].step})
    return look(handle)


def config(handle, given, gone):
    run = runs[handle]
    run.config.update(given, allow_val_change=True)
    for key in gone:
        run.config.pop(key, None)
    return look(handle)


def summary(handle, given, gone):
    run = runs[handle]
    if given:
        run.summary.update(given)
    for key in gone:
        run.summary.pop(key, None)
    return {"summary": run.summary.as_dict()}


def say(text):
    print(text)  # noqa: T201 it is to be seen on the console
    return {}


def finish(handle, code):
    runs.pop(handle).finish(exit_code=code)
    return {}


def answer(said):
    answers.write(json.dumps(said) + "\n")


COMMANDS = {call.__name__: call for call in (begin, look, log, config, summary, say, finish)}
for line in sys.stdin:
    name, given = json.loads(line)
    try:
        answer({"done": COMMANDS[name](**given)})
    except Exception as error:  # noqa: BLE001 whatever it is, it is the answer
        answer({"error": type(error).__name__, "message": str(error)})
os._exit(0)

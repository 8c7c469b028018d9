"""The types that users of the public API see. mypy reads this; nothing runs it."""

from argparse import Namespace
from datetime import timedelta
from typing import Any, assert_type

import playhead
from playhead.client.api import Api
from playhead.client.artifacts.artifact import Artifact
from playhead.client.artifacts.entries import ArtifactEntry
from playhead.sdk.config import Config
from playhead.sdk.saving import Saved
from playhead.sdk.summary import Summary

run = playhead.init(project="p", config={"lr": 0.1}, tags=["a"], settings=playhead.Settings(console="off"))
assert_type(run, playhead.Run)
assert_type(playhead.run, playhead.Run | None)
assert_type(playhead.config, Config)
assert_type(playhead.summary, Summary)
playhead.init(config=Namespace(lr=0.1), reinit=True)
playhead.init(config="config.yaml", reinit="create_new", settings={"silent": True})
playhead.init(project=1)  # type: ignore[arg-type]  # a name is text

assert_type(run.id, str)
assert_type(run.name, str)
assert_type(run.notes, str | None)
assert_type(run.tags, tuple[str, ...])
assert_type(run.url, str | None)
assert_type(run.entity, str | None)
assert_type(run.step, int)
assert_type(run.config, Config)
assert_type(run.config.lr, Any)
assert_type(run.config["lr"], Any)
assert_type(run.config.as_dict(), dict[str, Any])
assert_type(run.summary.as_dict(), dict[str, Any])
assert_type(run.settings, playhead.Settings)
assert_type(run.start_time, float)
assert_type(run.save(), Saved | bool)
run.name = run.id
run.tags += ("b",)
run.step = 3  # type: ignore[misc]  # only `log` moves it

run.log({"loss": 0.1, "image": playhead.Image([[0.0]])})
run.log({"loss": 0.1}, step=3, commit=True)
run.log([("loss", 0.1)])  # type: ignore[arg-type]  # a dict is wanted
playhead.log({"loss": 0.1})

with playhead.init(mode="disabled") as other:
    assert_type(other, playhead.Run)

assert_type(playhead.Image([[0]]).width, int)
assert_type(playhead.util.generate_id(), str)
assert_type(playhead.Api(), Api)
artifact = playhead.Artifact("a", type="model", metadata={"a": 1})
assert_type(artifact, Artifact)
assert_type(artifact.add_file("a").digest, str)
assert_type(run.log_artifact(artifact, aliases=["best"]), Artifact)
assert_type(run.use_artifact("a:latest"), Artifact)
assert_type(artifact.wait().download(), str)
assert_type(artifact.aliases, list[str])
assert_type(artifact.metadata, dict[str, Any])
assert_type(artifact.ttl, timedelta | None)
assert_type(artifact.manifest.entries, dict[str, ArtifactEntry])
assert_type(playhead.Api().artifact("a:v0"), Artifact)
assert_type(playhead.use_artifact("a"), Artifact)
error = playhead.errors.UsageError()
assert_type(error.message, str)

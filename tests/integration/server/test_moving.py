"""Runs go to another project, with all that they recorded, and only where they may."""

import pytest

from a_run import Run
from playhead.client.api import Api
from playhead.client.local import user_name
from playhead.domain.errors import ConflictError, NotFoundError, PermissionDeniedError, UsageError
from playhead.journal import format as f
from playhead.wire.timeline import Begin

ME = user_name()


def a_run(server, journal, project, *, ended=True, **header):
    made = Run(server.client(), journal(project=project, **header), config={"lr": 0.1})
    made.rows(0, 4)
    made.save(4, "model.pt", "the weights")
    made.journal.record(f.CONSOLE, 3, n=0, c="stdout", t="hello")
    if ended:
        made.journal.record(f.EXIT, 4, code=0)
    return made.flush()


def seen(api, path, folder):
    """All that somebody sees of the run."""
    run = api.run(path)
    folder.mkdir()
    run.file("model.pt").download(folder).close()
    return (
        run.id,
        run.state,
        run.config,
        run.summary["loss"],
        list(run.history(samples=10)),
        list(run.console()),
        (folder / "model.pt").read_text(),
    )


def test_everything_of_a_run_goes_with_it(server, journal, tmp_path):
    client, api = server.client(), Api(server=server.client())
    one = a_run(server, journal, "moving-from")
    before = seen(api, "/".join(one.run), tmp_path / "before")
    fork = journal(project="moving-from")
    begun = client.begin(
        Begin(
            project="moving-from", stream=fork.stream, segment=fork.header.segment, created_at=fork.header.created_at,
            run_id=fork.run.run_id, from_run=one.run.run_id, step=2, fork=True,
        )
    )  # fmt: skip
    assert begun.step == 3
    moved = api.run("/".join(one.run)).move_to("moving-to")
    assert moved.path == [ME, "moving-to", one.run.run_id]
    assert seen(api, "/".join(moved.path), tmp_path / "after") == before
    with pytest.raises(NotFoundError):
        api.run("/".join(one.run))
    assert [run.id for run in api.runs("moving-to", "config.lr = 0.1")] == [one.run.run_id]
    assert [run.id for run in api.runs("moving-from")] == [fork.run.run_id]
    assert [row["_step"] for row in client.rows(fork.run).items] == [0, 1, 2]
    assert client.run(fork.run).parent.project == "moving-to"
    assert moved.move_to("moving-to").path == moved.path
    moved.restore_deleted()
    done = server.cli(
        "runs", "move", "/".join(moved.path), "moving-back", PLAYHEAD_BASE_URL=server.url, PLAYHEAD_API_KEY=server.key
    )
    assert f"{ME}/moving-back/{one.run.run_id}: http" in done.stdout, done.stderr
    assert seen(api, f"moving-back/{one.run.run_id}", tmp_path / "back") == before


def test_what_is_sent_later_arrives_where_it_is(server, journal):
    client = server.client()
    one = a_run(server, journal, "moving-late")
    client.move(one.run, "moving-late-to")
    size = len(one.journal.data)
    taken = client.append(one.journal.stream, size, one.journal.rows(2, first=5).data[size:])
    assert (taken.project, client.run(one.run._replace(project="moving-late-to")).step) == ("moving-late-to", 7)


def test_a_training_at_work_stays(server, journal):
    one = a_run(server, journal, "moving-live", ended=False)
    with pytest.raises(ConflictError, match="at work"):
        server.client().move(one.run, "elsewhere")
    assert server.client().run(one.run).project == "moving-live"


def test_an_id_that_is_taken(server, journal):
    one, other = (a_run(server, journal, project, run_id="same") for project in ("moving-a", "moving-b"))
    with pytest.raises(ConflictError, match="already"):
        server.client().move(one.run, "moving-b")
    assert {run.project for run in map(server.client().run, (one.run, other.run))} == {"moving-a", "moving-b"}


def test_who_may_not(server, journal, bob):
    one = a_run(server, journal, "moving-private")
    server.request("PATCH", f"/api/v1/projects/{ME}/moving-private", body={"visibility": "public"})
    with pytest.raises(PermissionDeniedError):
        server.client(bob).move(one.run, "mine", "bob")
    with pytest.raises(PermissionDeniedError):
        Api(server=server.client(bob)).run("/".join(one.run)).move_to("other")
    own = Run(server.client(bob), journal(project="own", entity="bob"))
    own.journal.record(f.EXIT, 0, code=0)
    own.flush()
    with pytest.raises(PermissionDeniedError):
        server.client(bob).move(own.run, "moving-private", ME)
    for project in ("", "a/b", "x" * 500):
        with pytest.raises(UsageError):
            server.client().move(one.run, project)
    assert server.client().run(one.run).project == "moving-private"

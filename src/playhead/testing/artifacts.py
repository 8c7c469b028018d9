"""What every `Artifacts`, `Collections` and `Lineage` must do: they are three views of one shelf."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from playhead.domain.artifact import Artifact, ArtifactState, Collection, CollectionName, Edge, Made, Role
from playhead.domain.errors import ConflictError, NotFoundError, UsageError
from playhead.ports.artifacts import Arrived, Artifacts
from playhead.ports.collections import CollectionQuery, Collections
from playhead.ports.lineage import Lineage

MODEL = CollectionName("ada", "p", "model")
DATA = CollectionName("ada", "p", "data")
BEST = CollectionName("ada", "q", "best")


def a_collection(path: CollectionName = MODEL, **fields: Any) -> Collection:
    """One of models."""
    given: dict[str, Any] = {"type": "model", "created_at": 1, "updated_at": 1}
    return Collection(path=path, **(given | fields))


def made(offset: int, segment: str = "s1", step: int = 0, stream: str = "t") -> Made:
    """Somewhere in a journal."""
    return Made(stream=stream, offset=offset, segment=segment, step=step, time=1_000 + offset)


def a_draft(name: str, path: CollectionName = MODEL, **fields: Any) -> Artifact:
    """One that waits for its content."""
    given: dict[str, Any] = {
        "type": "model",
        "state": ArtifactState.PENDING,
        "created_at": 1,
        "updated_at": 1,
        "user": "ada",
    }
    return Artifact(id=name, collection=path, **(given | fields))


def arrived(content: str = "a") -> Arrived:
    """All of a version with this content."""
    return Arrived(manifest=content * 64, digest=content * 32, size=10, count=2, contents=(f"{content * 63}0",))


class _Shelf:
    """What the contracts do with all three."""

    @pytest.fixture
    def log(self, artifacts: Artifacts, collections: Collections) -> Any:
        """Makes a version: the id of what is to be it, its content, and whatever else an artifact has."""

        def make(name: str, content: str = "a", path: CollectionName = MODEL, now: int = 10, **fields: Any) -> Artifact:
            collections.ensure(a_collection(path))
            artifacts.add(a_draft(name, path, **fields))
            return artifacts.commit(name, arrived(content), now)

        return make


class ArtifactsContract(_Shelf):
    """Subclass it with fixtures `artifacts`, `collections` and `lineage` of one empty store."""

    def test_a_draft_becomes_a_version(self, artifacts: Artifacts, collections: Collections) -> None:
        with pytest.raises(NotFoundError):
            artifacts.add(a_draft("x"))
        collections.ensure(a_collection())
        told: dict[str, Any] = {
            "metadata": {"nan": float("inf"), "deep": {"a": [1, None, 1 << 70]}}, "tags": ("b", "a"), "description": "ü",
            "aliases": ("best",), "ttl": 60, "made": made(7, step=3),
        }  # fmt: skip
        draft = artifacts.add(a_draft("x", **told))
        assert draft == a_draft("x", **told)
        assert artifacts.pending(9) == [draft]
        with pytest.raises(NotFoundError):
            collections.collection(MODEL)
        done = artifacts.commit("x", arrived(), 5)
        assert (done.state, done.version, done.name) == (ArtifactState.COMMITTED, 0, "model:v0")
        assert (done.digest, done.manifest, done.size, done.count) == ("a" * 32, "a" * 64, 10, 2)
        assert (done.committed_at, done.metadata, done.tags) == (5, told["metadata"], told["tags"])
        assert (done.made, done.aliases, done.description) == (made(7, step=3), ("best", "latest"), "ü")
        assert artifacts.artifacts(["x", "y"]) == {"x": done}
        assert artifacts.pending(9) == []
        assert artifacts.commit("x", arrived("b"), 9) == done
        with pytest.raises(NotFoundError):
            artifacts.commit("y", arrived(), 9)

    def test_each_commit_is_the_next_version(self, log: Any, collections: Collections) -> None:
        for number, content in enumerate("abca"):
            assert log(f"x{number}", content, aliases=("best",) if number < 2 else ()).version == number
        found, after = collections.members(MODEL, 3)
        assert [(one.version, one.aliases) for one in found] == [(3, ("latest",)), (2, ()), (1, ("best",))]
        assert after is not None
        rest, after = collections.members(MODEL, 3, after)
        assert ([one.artifact.id for one in rest], after) == (["x0"], None)
        assert not rest[0].is_link
        assert [one.version for one in collections.members(MODEL, 9, digest="a" * 32)[0]] == [3, 0]
        for name, version in (("latest", 3), ("best", 1), ("v0", 0)):
            assert collections.member(MODEL, name).version == version
        for name in ("v4", "no", ""):
            with pytest.raises(NotFoundError):
                collections.member(MODEL, name)

    def test_the_same_content_again_is_the_version_that_is_there(
        self, log: Any, artifacts: Artifacts, collections: Collections, lineage: Lineage
    ) -> None:
        first = log("x", "a", tags=("t",))
        collections.ensure(a_collection())
        artifacts.add(a_draft("y", aliases=("best",), tags=("u", "t")))
        lineage.tell([Edge(role=Role.LOGGED, artifact="y", made=made(4))])
        again = artifacts.commit("y", arrived("a"), 20)
        assert (again.id, again.version, again.aliases, again.tags) == ("x", 0, ("best", "latest"), ("t", "u"))
        assert artifacts.artifacts(["y"]) == {"y": again}
        assert artifacts.commit("y", arrived("b"), 30) == again
        lineage.tell([Edge(role=Role.USED, artifact="y", made=made(5))])
        assert [edge.artifact for edge in lineage.of_segments([("s1", None)], 9)[0]] == ["x", "x"]
        assert collections.collection(MODEL).count == 1
        assert first.id == "x"
        assert log("z", "b").version == 1

    def test_told_again_it_is_there_once(self, artifacts: Artifacts, collections: Collections) -> None:
        collections.ensure(a_collection())
        collections.ensure(a_collection(DATA, type="data"))
        artifacts.add(a_draft("x", aliases=("a",), description="d"))
        known = artifacts.add(a_draft("x", aliases=("b",), made=made(1), manifest="f" * 64))
        assert (known.made, known.aliases, known.description, known.manifest) == (made(1), ("a", "b"), "d", "f" * 64)
        assert artifacts.add(a_draft("x", aliases=("c",), made=made(2))) == known
        with pytest.raises(ConflictError):
            artifacts.add(a_draft("x", DATA))
        assert len(artifacts.pending(9)) == 1

    def test_what_waits_is_in_the_order_of_its_journal(self, artifacts: Artifacts, collections: Collections) -> None:
        collections.ensure(a_collection())
        for name, at, stream in (("c", 30, "t"), ("a", 10, "t"), ("b", 20, "t"), ("d", 5, "u")):
            artifacts.add(a_draft(name, made=made(at, stream=stream), created_at=100 - at))
        artifacts.add(a_draft("e"))
        assert [one.id for one in artifacts.pending(9, "t")] == ["a", "b", "c"]
        assert [one.id for one in artifacts.pending(2)] == ["e", "c"]

    def test_links_wait_for_the_version(self, log: Any, artifacts: Artifacts, collections: Collections) -> None:
        collections.ensure(a_collection())
        artifacts.add(a_draft("x"))
        wanted = ((BEST, ("prod", "old")), (BEST._replace(name="other"), ()))
        assert artifacts.change("x", {"links": wanted}, 5).links == wanted
        assert artifacts.commit("x", arrived(), 6).links == wanted
        assert [one.id for one in artifacts.pending(9)] == ["x"]
        artifacts.add(a_draft("y"))
        artifacts.change("y", {"links": ((BEST, ("old", "new")),)}, 7)
        assert artifacts.commit("y", arrived(), 8).links == ((BEST, ("prod", "old", "new")), wanted[1])
        assert artifacts.change("x", {"links": ()}, 9).links == ()
        assert artifacts.pending(9) == []
        log("z", "b")
        artifacts.change("z", {"links": wanted}, 10)
        assert [one.id for one in artifacts.pending(9)] == ["z"]
        artifacts.delete("z", 11)
        assert artifacts.pending(9) == []

    def test_one_can_fail(self, artifacts: Artifacts, collections: Collections) -> None:
        collections.ensure(a_collection())
        artifacts.add(a_draft("x"))
        failed = artifacts.change("x", {"state": ArtifactState.FAILED, "problem": "lost"}, 5)
        assert (failed.state, failed.problem, failed.updated_at) == (ArtifactState.FAILED, "lost", 5)
        assert artifacts.pending(9) == []
        assert artifacts.commit("x", arrived(), 6).state is ArtifactState.FAILED
        artifacts.add(a_draft("y", state=ArtifactState.FAILED, problem="type"))
        assert artifacts.artifacts(["y"])["y"].problem == "type"

    def test_a_version_is_what_it_is(self, artifacts: Artifacts, log: Any) -> None:
        version = log("z")
        other = {"manifest": "b" * 64, "digest": "b" * 32, "size": 7, "count": 7}
        for fields in (other, {"state": ArtifactState.FAILED, "problem": "no"}):
            assert artifacts.change("z", fields, version.updated_at) == version

    def test_what_is_said_of_one_changes(self, log: Any, artifacts: Artifacts) -> None:
        log("x")
        fields = {"description": None, "metadata": {"nan": [1]}, "tags": ("t",), "ttl": 5}
        changed = artifacts.change("x", fields, 50)
        assert (changed.description, changed.metadata, changed.tags, changed.ttl) == tuple(fields.values())
        assert (changed.updated_at, changed.aliases) == (50, ("latest",))
        with pytest.raises(NotFoundError):
            artifacts.change("y", {}, 1)

    def test_a_deleted_one_leaves_its_name(self, log: Any, artifacts: Artifacts, collections: Collections) -> None:
        for number, content in enumerate("abc"):
            log(f"x{number}", content, aliases=("best",))
        collections.ensure(a_collection(BEST, portfolio=True))
        collections.link("x2", BEST, ["prod"], 20)
        artifacts.delete("x2", 30)
        gone = artifacts.artifacts(["x2"])["x2"]
        assert (gone.state, gone.name, gone.aliases) == (ArtifactState.DELETED, "model:v2", ())
        assert collections.member(MODEL, "latest").version == 1
        for path, name in ((MODEL, "best"), (MODEL, "v2")):
            with pytest.raises(NotFoundError):
                collections.member(path, name)
        with pytest.raises(NotFoundError):
            collections.collection(BEST)
        assert log("x3", "c").version == 3
        with pytest.raises(NotFoundError):
            artifacts.delete("no", 1)
        for name in ("x0", "x1", "x3"):
            artifacts.delete(name, 40)
        with pytest.raises(NotFoundError):
            collections.collection(MODEL)
        assert log("x4", "c").version == 4

    def test_time_is_over_for_what_is_linked_nowhere(
        self, log: Any, artifacts: Artifacts, collections: Collections
    ) -> None:
        for number, (content, ttl) in enumerate(zip("abcd", (60, 50, None, 40), strict=True)):
            log(f"x{number}", content, ttl=ttl, now=10)
        collections.ensure(a_collection(BEST, portfolio=True))
        collections.link("x3", BEST, [], 20)
        second = 1_000_000
        assert artifacts.expired(10 + 45 * second, 9) == []
        assert artifacts.expired(10 + 60 * second, 9) == ["x1", "x0"]
        assert artifacts.expired(10 + 60 * second, 1) == ["x1"]
        artifacts.change("x2", {"ttl": 1}, 11)
        artifacts.change("x1", {"ttl": None}, 11)
        artifacts.delete("x0", 12)
        assert artifacts.expired(10 + 60 * second, 9) == ["x2"]
        collections.unlink(BEST, 0, 21)
        assert artifacts.expired(10 + 60 * second, 9) == ["x2", "x3"]

    def test_many_at_once_get_a_version_each(self, artifacts: Artifacts, collections: Collections) -> None:
        collections.ensure(a_collection())
        for number in range(12):
            artifacts.add(a_draft(f"x{number}"))

        def commit(number: int) -> int | None:
            return artifacts.commit(f"x{number}", arrived(f"{number:x}"), 10).version

        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(commit, range(12)))
        assert sorted(one for one in found if one is not None) == list(range(12))


class CollectionsContract(_Shelf):
    """Subclass it as `ArtifactsContract`."""

    def test_a_project_lists_those_with_versions(self, log: Any, collections: Collections) -> None:
        for number, name in enumerate(("b", "C", "a", "ä%")):
            log(f"x{number}", path=MODEL._replace(name=name))
        collections.ensure(a_collection(DATA, type="data"))
        log("y", path=CollectionName("ada", "p2", "other"))
        collections.ensure(a_collection(MODEL._replace(name="port"), portfolio=True))
        collections.link("x0", MODEL._replace(name="port"), [], 9)
        everything = CollectionQuery()
        first, after = collections.collections("ada", "p", everything, 2)
        assert ([one.path.name for one in first], after is None) == (["C", "a"], False)
        rest, after = collections.collections("ada", "p", everything, 3, after)
        assert ([one.path.name for one in rest], after) == (["b", "port", "ä%"], None)
        assert [(one.count, dict(one.aliases)) for one in rest] == [(1, {"latest": 0})] * 3
        assert collections.types("ada", "p") == {"model": 5}

        def names(**query: Any) -> list[str]:
            return [one.path.name for one in collections.collections("ada", "p", CollectionQuery(**query), 9)[0]]

        assert names(search="c") == ["C"]
        assert names(search="%") == ["ä%"]
        assert (names(type="data"), names(portfolio=True)) == ([], ["port"])
        assert len(names(type="model", portfolio=False)) == 4
        with pytest.raises(UsageError):
            collections.collections("ada", "p", everything, 9, "*")

    def test_a_name_has_one_type(self, log: Any, collections: Collections, artifacts: Artifacts) -> None:
        collections.ensure(a_collection(type="data"))
        log("x")
        for other in (a_collection(type="data"), a_collection(portfolio=True)):
            with pytest.raises(ConflictError):
                collections.ensure(other)
        artifacts.delete("x", 5)
        collections.ensure(a_collection(type="data"))
        artifacts.add(a_draft("y"))
        with pytest.raises(ConflictError):
            collections.ensure(a_collection())

    def test_what_is_said_of_one_changes(self, log: Any, collections: Collections, artifacts: Artifacts) -> None:
        log("x")
        log("y", path=DATA)
        told = collections.change(MODEL, {"description": "d", "tags": ("t",)}, 70)
        assert (told.description, told.tags, told.updated_at, told.count) == ("d", ("t",), 70, 1)
        with pytest.raises(ConflictError):
            collections.change(MODEL, {"name": "data"}, 80)
        renamed = MODEL._replace(name="net")
        number = told.number
        assert collections.change(MODEL, {"name": "net"}, 80).path == renamed
        assert collections.numbered(number) == collections.collection(renamed)
        with pytest.raises(NotFoundError):
            collections.numbered(number + 1_000)
        assert collections.member(renamed, "latest").artifact.collection == renamed
        assert artifacts.artifacts(["x"])["x"].name == "net:v0"
        for path in (MODEL, MODEL._replace(project="no")):
            with pytest.raises(NotFoundError):
                collections.change(path, {"description": ""}, 9)

    def test_an_alias_means_one_version(self, log: Any, collections: Collections) -> None:
        for number, content in enumerate("ab"):
            log(f"x{number}", content)
        log("y", path=DATA, aliases=("best",))
        assert collections.alias(MODEL, 0, ["best", "prod"], ["no"], 20).aliases == ("best", "prod")
        assert collections.alias(MODEL, 1, ["best"], ["prod", "latest"], 21).aliases == ("best",)
        assert collections.member(MODEL, "prod").version == 0
        assert dict(collections.collection(MODEL).aliases) == {"best": 1, "prod": 0}
        assert collections.member(DATA, "best").version == 0
        with pytest.raises(NotFoundError):
            collections.alias(MODEL, 2, ["x"], [], 22)

    def test_a_version_stands_elsewhere_too(self, log: Any, collections: Collections, artifacts: Artifacts) -> None:
        for number, content in enumerate("abc"):
            log(f"x{number}", content)
        with pytest.raises(NotFoundError):
            collections.link("x0", BEST, [], 20)
        collections.ensure(a_collection(BEST, portfolio=True))
        first = collections.link("x1", BEST, ["prod"], 20)
        assert (first.version, first.aliases, first.is_link) == (0, ("latest", "prod"), True)
        assert first.artifact.aliases == ()
        second = collections.link("x0", BEST, ["prod"], 21)
        assert (second.version, second.aliases) == (1, ("latest", "prod"))
        again = collections.link("x1", BEST, ["old"], 22)
        assert (again.version, again.aliases) == (0, ("old",))
        standing = collections.standing(["x1", "x2", "no"])
        assert [(one.collection, one.version) for one in standing["x1"]] == [(MODEL, 1), (BEST, 0)]
        assert standing.keys() == {"x1", "x2"}
        artifacts.add(a_draft("z"))
        for name in ("z", "no"):
            with pytest.raises(NotFoundError):
                collections.link(name, BEST, [], 23)
        collections.unlink(BEST, 1, 24)
        assert collections.member(BEST, "latest").version == 0
        for path, version in ((BEST, 1), (MODEL, 0)):
            with pytest.raises(NotFoundError):
                collections.unlink(path, version, 25)
        assert artifacts.artifacts(["x0"])["x0"].state is ArtifactState.COMMITTED


class LineageContract(_Shelf):
    """Subclass it as `ArtifactsContract`."""

    def test_a_line_shows_what_it_leads_through(self, lineage: Lineage) -> None:
        told = [
            Edge(role=role, artifact=f"x{number}", made=made(number, segment, step), used_as="data" if number == 2 else "")
            for number, (role, segment, step) in enumerate(
                [(Role.LOGGED, "s1", 0), (Role.LOGGED, "s1", 5), (Role.USED, "s1", 3), (Role.LOGGED, "s2", 9), (Role.LOGGED, "s3", 0)]
            )
        ]  # fmt: skip
        lineage.tell(told[::-1])
        assert lineage.of_segments([("s1", 3), ("s2", None)], 9) == ([told[0], told[2], told[3]], None)
        assert lineage.of_segments([("s1", None)], 9, role=Role.LOGGED) == (told[:2], None)
        first, after = lineage.of_segments([("s1", None), ("s2", None)], 3)
        assert (first, after is None) == (told[:3], False)
        assert lineage.of_segments([("s1", None), ("s2", None)], 3, after) == ([told[3]], None)
        assert lineage.of_segments([], 9) == ([], None)
        assert lineage.of_segments([("s1", -1)], 9) == ([], None)
        with pytest.raises(UsageError):
            lineage.of_segments([("s1", None)], 9, "*")

    def test_an_edge_is_there_once(self, lineage: Lineage) -> None:
        for segment in ("s1", "s2", "s2"):
            lineage.tell([Edge(role=Role.USED, artifact="x", made=made(1, segment))])
        assert lineage.of_segments([("s1", None)], 9) == ([], None)
        assert len(lineage.of_artifacts(["x"], 9)) == 1

    def test_an_artifact_knows_its_runs(self, lineage: Lineage) -> None:
        told = [Edge(role=Role.USED, artifact=f"x{number % 2}", made=made(number)) for number in range(5)]
        lineage.tell(told)
        assert lineage.of_artifacts(["x0"], 9) == told[::2]
        assert lineage.of_artifacts(["x0", "x1"], 3) == told[:3]
        assert lineage.of_artifacts([], 3) == []

    def test_what_is_gone_is_forgotten(self, lineage: Lineage) -> None:
        lineage.tell([Edge(role=Role.USED, artifact="x", made=made(number, f"s{number}")) for number in range(3)])
        lineage.forget(["s0", "s2", "s9"])
        assert [edge.made.segment for edge in lineage.of_artifacts(["x"], 9)] == ["s1"]

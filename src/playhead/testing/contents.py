"""What every `playhead.ports.contents.Contents` must do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from playhead.domain.account import Project, User
from playhead.domain.errors import BusyError
from playhead.ports.accounts import Accounts
from playhead.ports.artifacts import Artifacts
from playhead.ports.collections import Collections
from playhead.ports.contents import Contents, ProjectName
from playhead.ports.projects import Projects
from playhead.ports.runs import Commit, Record
from playhead.ports.timelines import Timelines
from playhead.testing.artifacts import a_collection, a_draft, arrived
from playhead.testing.made import PATH, MovableClock, a_run, a_segment, a_stream, add

OURS, THEIRS = ProjectName("ada", "p"), ProjectName("bob", "p")
_DAY = 24 * 3600 * 1_000_000


def _digests(count: int) -> list[str]:
    return [f"{number:064x}" for number in range(count)]


class ContentsContract:
    """Subclass it with a fixture `contents`, of one empty catalog with `accounts`, `projects`, `runs`, `artifacts` and `collections`, which look
    at `clock`.
    """

    def test_each_project_has_its_own(self, contents: Contents) -> None:
        one, other, none = _digests(3)
        contents.give(OURS, [one])
        contents.give(THEIRS, [one, other])
        assert contents.given([OURS], [one, other, none]) == {one}
        assert contents.given([THEIRS], [other, none]) == {other}
        assert contents.given([OURS, THEIRS, OURS], [one, other, none]) == {one, other}
        assert contents.given([ProjectName("ada", "P"), ProjectName("p", "ada")], [one, other]) == set()

    def test_nothing_is_given_of_nothing(self, contents: Contents) -> None:
        contents.give(OURS, [])
        assert contents.given([], _digests(2)) == set()
        assert contents.given([OURS], []) == set()

    def test_twice_is_once(self, contents: Contents) -> None:
        for _ in range(2):
            contents.give(OURS, _digests(3))
        contents.give(OURS, _digests(4))
        assert contents.given([OURS], _digests(9)) == set(_digests(4))

    def test_many_by_many_at_once(self, contents: Contents) -> None:
        many = _digests(3_000)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: contents.give(OURS, many), range(4)))
        assert contents.given([OURS], many) == set(many)

    # What nobody needs ------------------------------------------------------------------------------------------------

    def test_what_nobody_touched_is_idle(self, contents: Contents, clock: MovableClock) -> None:
        one, other, third, last = _digests(4)
        contents.give(OURS, [one, other, third])
        contents.give(THEIRS, [one, other, last])
        clock.advance(_DAY)
        before = clock.now()
        assert contents.idle(before) == ([one, other, third, last], last)
        assert contents.idle(before, other) == ([third, last], last)
        assert contents.idle(before, last) == ([], None)
        assert contents.touch(THEIRS, [one, third]) == {one}
        contents.give(OURS, [third])
        assert contents.idle(before)[0] == [other, last]
        assert contents.condemn([one, other, third, last], before) == {other, last}

    def test_a_page_of_what_is_idle(self, contents: Contents, clock: MovableClock) -> None:
        digests = sorted(_digests(2_500))
        contents.give(OURS, digests)
        clock.advance(_DAY)
        found: list[str] = []
        after: str | None = ""
        while after is not None:
            some, after = contents.idle(clock.now(), after)
            assert len(some) <= 1_000
            found += some
        assert found == digests

    def test_what_a_record_refers_to_stays_as_long_as_the_record(
        self, contents: Contents, accounts: Accounts, projects: Projects, runs: Timelines, clock: MovableClock
    ) -> None:
        accounts.add_user(User(name="ada"))
        projects.ensure(Project(entity="ada", name="p"))
        _, _, stream = add(runs, a_run(), a_segment(), a_stream())
        kinds, digests = ("file", "media", "config", "file"), _digests(4)
        told = [
            Record(kind=kind, offset=place, step=0, time=0, data={"path": "f", "sha256": sha256 if place < 3 else 7})
            for place, (kind, sha256) in enumerate(zip(kinds, digests, strict=True))
        ]
        runs.commit([Commit(stream=stream.id, start=0, end=9, records=told)])
        contents.give(OURS, digests)
        clock.advance(_DAY)
        before = clock.now()
        assert {*digests[:2]}.isdisjoint(contents.idle(before)[0])
        assert contents.condemn(digests[:2], before) == set()
        assert contents.known([*digests, "f" * 64]) == set(digests)
        assert contents.given([OURS], digests) == set(digests)
        runs.delete(PATH)
        assert set(contents.idle(before)[0]) >= {*digests[:2]}
        assert contents.condemn(digests[:2], before) == {*digests[:2]}

    def test_what_an_artifact_holds_stays_as_long_as_the_artifact(
        self, contents: Contents, artifacts: Artifacts, collections: Collections, clock: MovableClock
    ) -> None:
        digests = [arrived().manifest, *arrived().contents]
        contents.give(OURS, digests)
        collections.ensure(a_collection())
        clock.advance(_DAY)
        before = clock.now()
        artifacts.add(a_draft("x", manifest=digests[0]))
        assert contents.idle(before)[0] == digests[1:]
        artifacts.commit("x", arrived(), 5)
        artifacts.add(a_draft("y", manifest=digests[0]))
        artifacts.commit("y", arrived(), 6)  # it is the same once more
        assert contents.condemn(digests, before) == set()
        assert contents.known(digests) == set(digests)
        artifacts.delete("x", 7)
        assert contents.condemn(digests, before) == set(digests)

    def test_condemned_content_is_nobodys_until_it_is_gone(self, contents: Contents, clock: MovableClock) -> None:
        one, other = _digests(2)
        contents.give(OURS, [one])
        clock.advance(_DAY)
        begun = clock.now()
        assert contents.condemn([one, other], begun) == {one, other}  # the other was never given to anybody
        assert contents.condemn([one], begun) == set()
        assert contents.given([OURS], [one]) == contents.touch(OURS, [one]) == set()
        assert contents.known([one, other]) == {one, other}
        for project in (OURS, THEIRS):
            with pytest.raises(BusyError):
                contents.give(project, [one, "e" * 64])
        assert contents.given([OURS, THEIRS], ["e" * 64]) == set()
        assert contents.condemned(begun) == []
        clock.advance(1)
        assert contents.condemned(clock.now()) == [one, other]
        contents.gone([one, other])
        assert contents.condemned(clock.now()) == []
        assert contents.known([one, other]) == set()
        contents.give(OURS, [one])
        assert contents.given([OURS], [one]) == {one}

    def test_given_or_condemned_but_never_both(self, contents: Contents, clock: MovableClock) -> None:
        digests = _digests(40)
        contents.give(OURS, digests)
        clock.advance(_DAY)
        before = clock.now()

        def give(sha256: str) -> bool:
            try:
                contents.give(THEIRS, [sha256])
            except BusyError:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            given = [pool.submit(give, sha256) for sha256 in digests]
            condemned = [pool.submit(contents.condemn, [sha256], before) for sha256 in reversed(digests)]
            lost = set[str]().union(*(one.result() for one in condemned))
            kept = {sha256 for sha256, one in zip(digests, given, strict=True) if one.result()}
        assert kept | lost == set(digests)
        assert kept & lost == set()
        assert contents.given([THEIRS], digests) == kept

    def test_a_catalog_is_always_the_same(self, contents: Contents) -> None:
        with ThreadPoolExecutor(4) as pool:
            (known,) = {one.result() for one in [pool.submit(contents.identity) for _ in range(8)]}
        assert len(known) == 32
        assert known.isalnum()

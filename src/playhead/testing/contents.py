"""What every `playhead.ports.contents.Contents` must do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from playhead.ports.contents import Contents, ProjectName

OURS, THEIRS = ProjectName("ada", "p"), ProjectName("bob", "p")


def _digests(count: int) -> list[str]:
    return [f"{number:064x}" for number in range(count)]


class ContentsContract:
    """Subclass it with a fixture `contents`: an empty store."""

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

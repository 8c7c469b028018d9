"""What every `playhead.ports.fingerprints.Fingerprints` must do."""

from __future__ import annotations

from playhead.ports.contents import ProjectName
from playhead.ports.fingerprints import Fingerprints, Print

OURS = ProjectName("ada", "p")
THEIRS = ProjectName("ada", "q")


class FingerprintsContract:
    """Subclass it with a fixture `fingerprints`: an empty store."""

    def test_each_project_has_its_own(self, fingerprints: Fingerprints) -> None:
        one, other = Print("a" * 64, 1), Print("b" * 64, 1 << 40)
        fingerprints.tell(OURS, "x==", one)
        fingerprints.tell(THEIRS, "x==", other)
        assert fingerprints.known(OURS, ["x==", "y=="]) == {"x==": one}
        assert fingerprints.known(THEIRS, ["x=="]) == {"x==": other}
        assert fingerprints.known(OURS, []) == {}

    def test_the_later_word_holds(self, fingerprints: Fingerprints) -> None:
        for size in (1, 1, 2):
            fingerprints.tell(OURS, "x==", Print("a" * 64, size))
        assert fingerprints.known(OURS, ["x=="])["x=="].size == 2

    def test_many(self, fingerprints: Fingerprints) -> None:
        for number in range(50):
            fingerprints.tell(OURS, f"{number}==", Print(f"{number:064x}", number))
        found = fingerprints.known(OURS, [f"{number}==" for number in range(3_000)])
        assert len(found) == 50

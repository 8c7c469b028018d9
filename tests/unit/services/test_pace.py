"""How often a crowd is asked to send."""

import pytest

from playhead.services.pace import LONGEST, STRETCHES, Pace

SECOND = 1_000_000


def rounds(pace, senders, begun, seconds=20):
    """All send as soon as they may; the pauses that they were told last, and how many stretches there were in the last second."""
    due = dict.fromkeys(range(senders), begun)
    sent, pauses = [], {}
    for now in range(begun, begun + seconds * SECOND, SECOND // 50):
        for sender, at in due.items():
            if at <= now:
                pauses[sender] = pace.seconds(f"s{sender}", now)
                due[sender] = now + int(max(0.25, pauses[sender]) * SECOND)
                sent.append(now)
    return set(pauses.values()), sum(at > sent[-1] - SECOND for at in sent)


@pytest.mark.parametrize("senders", [1, 100, 1_000, 2_000])
def test_a_crowd_keeps_to_what_one_server_takes(senders):
    pauses, stretches = rounds(Pace(), senders, SECOND)
    assert pauses == {senders / STRETCHES}
    assert stretches <= STRETCHES * 1.05


def test_more_than_can_be_helped():
    pauses, _ = rounds(Pace(), 10_000, SECOND, seconds=12)
    assert pauses == {LONGEST}


def test_it_ends_with_the_crowd():
    pace = Pace()
    rounds(pace, 1_000, SECOND)
    pauses, _ = rounds(pace, 3, 22 * SECOND)
    assert pauses == {3 / STRETCHES}
    assert pace.seconds("s", 3_600 * SECOND) == 1 / STRETCHES

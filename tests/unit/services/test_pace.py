"""When a crowd is asked to send again."""

import itertools
import statistics

import pytest

from playhead.services.pace import LONGEST, STRETCHES, Pace

SECOND = 1_000_000
TICK = SECOND // 50


def sent(pace, senders, begun, seconds, answering=0):
    """When each of them sent: all begin at once, and go on as soon as they may after an answer, which takes `answering` microseconds."""
    due, found = dict.fromkeys(range(senders), begun), {sender: [] for sender in range(senders)}
    for now in range(begun, begun + seconds * SECOND, TICK):
        for sender, at in due.items():
            if at <= now:
                found[sender].append(now)
                due[sender] = now + answering + int(pace.seconds(f"s{sender}", now + answering) * SECOND)
    return found


@pytest.mark.parametrize("senders", [300, 1_000, 2_000])
@pytest.mark.parametrize("answering", [0, SECOND // 5])
def test_a_crowd_keeps_to_what_one_server_takes_and_spreads(senders, answering):
    found = sent(Pace(), senders, SECOND, 20, answering)
    late = [at // (SECOND // 10) for own in found.values() for at in own if at > 11 * SECOND]
    counts = [late.count(tenth) for tenth in range(111, 210)]
    assert statistics.mean(counts) <= STRETCHES / 10 * 1.05
    assert max(counts) < STRETCHES / 10 * 2
    longest = max(after - before for own in found.values() for before, after in itertools.pairwise(own[5:]))
    assert longest < (senders / STRETCHES * 1.5 + 0.5) * SECOND


def test_few_are_hardly_asked_to_wait():
    pace = Pace()
    assert all(pace.seconds(f"s{number}", SECOND) < 0.05 for number in range(20))


def test_more_than_can_be_helped():
    pace = Pace()
    pauses = [pace.seconds(f"s{number % 10_000}", SECOND + number) for number in range(20_000)]
    assert LONGEST < max(pauses) <= LONGEST * 1.5
    assert min(pauses[10_000:]) >= LONGEST / 2


def test_it_ends_with_the_crowd():
    pace = Pace()
    sent(pace, 1_000, SECOND, 10)
    sent(pace, 3, 11 * SECOND, 14)
    assert pace.seconds("s", 26 * SECOND) < 0.05
    assert pace.seconds("s", 3_600 * SECOND) < 0.05

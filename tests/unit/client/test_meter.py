"""What is shown of files on their way here."""

import io

import pytest

from playhead.client.meter import Meter


class Screen(io.StringIO):
    """A terminal, or not."""

    terminal = True

    def isatty(self):
        return self.terminal


@pytest.fixture
def screen():
    return Screen()


def test_a_terminal_shows_a_line_that_the_next_one_replaces(screen):
    times = iter((1.0, 1.01, 2.0))
    meter = Meter(screen, clock=lambda: next(times))
    meter.step("model.pt", 1 << 20, 10 << 20)
    meter.step("model.pt", 2 << 20, 10 << 20)
    meter.arrived("model.pt", 10 << 20)
    meter.step("a/" + "long" * 20 + ".bin", 5, 1000)
    meter.clear()
    meter.clear()
    lines = screen.getvalue().split("\r")
    assert lines[1] == "model.pt: 1.0 of 10.5 MB\x1b[K"
    assert lines[2].startswith("1 file, 10.5 MB; …onglong")
    assert lines[3:] == ["\x1b[K"]


def test_elsewhere_there_is_one_line_at_the_end(screen):
    screen.terminal = False
    meter = Meter(screen)
    meter.step("model.pt", 1, 2)
    meter.clear()
    meter.tell("model.pt is here.")
    assert screen.getvalue() == "playhead: model.pt is here.\n"


def test_a_name_cannot_steer_the_terminal(screen):
    Meter(screen).step("\x1b[2Jmodel", 1, 2)
    assert "\x1b[2J" not in screen.getvalue()
    assert "?[2Jmodel" in screen.getvalue()


def test_a_terminal_that_is_gone_does_no_harm(screen):
    meter = Meter(screen)
    screen.isatty()
    screen.close()
    meter.step("model.pt", 1, 2)
    meter.clear()
    assert screen.closed

import pytest

from playhead.wandb_protocol.errors import PaceError
from playhead.wandb_protocol.pace import Pace


def test_a_bucket_empties_and_fills():
    pace = Pace(rate=2, burst=3)
    for _ in range(3):
        pace.take("ada", 10.0)
    with pytest.raises(PaceError):
        pace.take("ada", 10.0)
    pace.take("bob", 10.0)
    pace.take("ada", 10.6)
    with pytest.raises(PaceError):
        pace.take("ada", 10.6)

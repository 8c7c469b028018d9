"""Drafts of a run."""

import pytest

from playhead.domain.run import Writer
from playhead.services.draft import Draft
from playhead.testing.made import a_run


@pytest.fixture
def a_draft():
    def draft(records, logged, run=None):
        made = Draft(run or a_run(writers=(Writer(stream="w", begun=10),)))
        made.take(records, logged, writer="w", main=True, now=1_000, place="s")
        return made

    return draft

"""Limits on what W&B's client may ask. Hitting one is answered with its name."""

from __future__ import annotations

MAX_QUERY = 64 << 10
"""Characters of a GraphQL document."""
MAX_TOKENS = 8_000
"""Tokens of it."""
MAX_DEPTH = 16
"""Fields inside one another, fragments written out."""
MAX_FIELDS = 2_000
"""Fields in all, fragments written out."""
MAX_CALLS = 20
"""Fields at the root: each may be a change."""
MAX_DOCUMENTS = 256
"""Documents that are kept parsed; a client sends the same few again and again."""
MAX_KEPT = 8 << 10
"""Characters of such a document; a longer one is read each time."""
RATE = 200.0
"""Requests a second that one user may go on with."""
BURST = 2_000.0
"""Requests that may come at once."""
MAX_CALLERS = 4_096
"""Users whose rate is remembered."""
MAX_HISTORY = 32 << 20
"""Characters of the rows and console lines in one answer."""
MAX_ITEMS = 20_000
"""Items of all lists in one answer: runs, files, lines."""
MAX_SPECS = 10
"""Samples of a run's history in one question."""
PAGE_CELLS = 100_000
"""Values of rows that are held at once while an answer is written."""
MAX_TOGETHER = 50
"""Runs of a list whose keys are looked up at once."""
MAX_LINES = 10_000
"""Lines of a console in one answer."""
MAX_UNZIPPED = 64 << 20
"""Bytes of a request of the file stream that came compressed."""
MAX_AT_ONCE = 4 << 20
"""Characters of history that are stored at once."""

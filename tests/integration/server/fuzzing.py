"""What the fuzzing of test_openapi.py leaves out: addresses that no HTTP server reads, so that they never reach ours."""

from urllib.parse import urlencode

import schemathesis

LONGEST = 60_000
"""Bytes."""


@schemathesis.hook
def filter_query(context, query):
    return len(urlencode(query or {}, doseq=True)) < LONGEST

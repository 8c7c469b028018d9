"""The schema of W&B's GraphQL is valid: the server itself does not look again."""

from pathlib import Path

from ariadne import load_schema_from_path, make_executable_schema
from graphql import assert_valid_schema, print_schema

import playhead.wandb_protocol
from playhead.wandb_protocol.executor import BINDABLES, SCHEMA

FOLDER = Path(playhead.wandb_protocol.__file__).parent / "schema"


def test_the_schema_is_valid():
    assert_valid_schema(SCHEMA)
    checked = make_executable_schema(load_schema_from_path(str(FOLDER)), *BINDABLES)
    assert print_schema(checked) == print_schema(SCHEMA)

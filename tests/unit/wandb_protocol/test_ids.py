import base64

import pytest

from playhead.domain.errors import NotFoundError
from playhead.domain.ids import RunPath
from playhead.wandb_protocol.ids import node_id, parts_of, run_node, run_path


def test_ids_are_base64_that_leads_back():
    path = RunPath("ada", "my project", "größe-1")
    assert base64.b64decode(run_node(path), validate=True).startswith(b"Run:")
    assert run_path(run_node(path)) == path
    assert parts_of(node_id("File", "ada", "p", "r", "a/b/c.txt"), "File", 4) == ["ada", "p", "r", "a/b/c.txt"]


@pytest.mark.parametrize(
    "node", ["", "x", "ö", node_id("Project", "a", "b"), node_id("Run", "a", "b"), node_id("Run", "a", "", "c")]
)
def test_what_is_no_id_of_a_run(node):
    with pytest.raises(NotFoundError):
        run_path(node)

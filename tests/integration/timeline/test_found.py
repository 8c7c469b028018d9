"""What the machine found, each in as few calls as show it."""

import itertools

import pytest

_names = itertools.count()


@pytest.fixture
def record(world, tmp_path):
    """Records a run from its begin to its end; answers how it began."""
    training = world.training()
    project = f"found{next(_names)}"

    def call(rows=(), mode="online", code=0, **how):
        begun = training.ask("begin", handle="h", project=project, dir=str(tmp_path), mode=mode, **how)
        training.ask("log", handle="h", rows=[(row, None, None) for row in rows])
        training.ask("finish", handle="h", code=code)
        return begun

    call.find = lambda run_id: world.api.run(f"{world.entity}/{project}/{run_id}")
    yield call
    training.kill()


def test_a_fork_without_config_is_rewound_to_its_begin(record):
    record([{"a": 1}], id="parent", config={"lr": 1})
    record([{"a": 2}], id="child", fork_from="parent?_step=0", inherit_config=False)
    assert record(resume_from="child?_step=0")["config"] == {}
    assert record.find("child").config == {}
    assert [row["a"] for row in record.find("child").scan_history()] == [1]

"""What `import playhead` gives, and what it costs the training process."""

import subprocess
import sys

import playhead

HEAVY = ["PIL", "alembic", "click", "duckdb", "fastapi", "msgspec", "numpy", "pydantic", "sqlalchemy", "urllib3"]


def test_exported_members():
    exported = set(playhead.__all__)
    assert len(exported) == len(playhead.__all__)
    assert [name for name in exported if not hasattr(playhead, name)] == []
    ours = {name for name, value in vars(playhead).items() if getattr(value, "__module__", "").startswith("playhead.")}
    assert {name for name in ours if not name.startswith("_")} <= exported <= set(dir(playhead))


def test_import_is_light():
    code = f"import playhead, sys; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""What `import playhead` gives, and what it costs the training process."""

import subprocess
import sys

import playhead

HEAVY = ["PIL", "alembic", "click", "duckdb", "fastapi", "msgspec", "numpy", "pydantic", "sqlalchemy", "urllib3"]


def test_exported_members():
    exported = playhead.__all__
    assert exported == sorted(exported, key=str.casefold)
    assert [name for name in exported if not hasattr(playhead, name)] == []
    modules = {name for name, value in vars(playhead).items() if type(value) is type(sys)}
    public = {name for name in vars(playhead) if not name.startswith("_")} - modules
    assert public <= set(exported)
    assert set(exported) <= set(dir(playhead))


def test_import_is_light():
    code = f"import playhead, sys; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""Rules over the whole source: sizes, names, and what may be done where. Exceptions, with reasons, are in allowed.toml."""

import ast
import functools
import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[2]
ALLOWED = tomllib.loads((ROOT / "tests/tidy/allowed.toml").read_text(encoding="utf-8"))
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
IMPORT = (ast.Import, ast.ImportFrom)
SHIPPED = ("src", "examples", "benchmarks")


def sources(*folders):
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


@functools.cache
def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@functools.cache
def text(path):
    return path.read_text(encoding="utf-8").splitlines()


def lines(path):
    return len(text(path))


def place(path, node=None):
    name = path.relative_to(ROOT).as_posix()
    return f"{name}:{node.lineno}" if node else name


def found(kind, *folders):
    return [(path, node) for path in sources(*folders) for node in ast.walk(tree(path)) if isinstance(node, kind)]


def breaches(rule, cases):
    """Cases outside the places that allowed.toml lists, and places listed there for nothing."""
    allowed, used, wrong = ALLOWED[rule], set(), []
    for path, node in cases:
        matches = {pattern for pattern in allowed if fnmatch(place(path), pattern)}
        used |= matches
        if not matches:
            wrong.append(place(path, node))
    needless = [pattern for pattern in allowed.keys() - used if any(ROOT.glob(pattern))]
    return wrong + [f"allowed.toml: [{rule}] {pattern} is not needed" for pattern in needless]


def test_modules_are_short():
    assert not [place(path) for path in sources(*SHIPPED) if lines(path) > 600]
    assert not [place(path) for path in sources("src") if path.name == "__init__.py" and lines(path) > 60]


def test_functions_are_short():
    assert not [place(path, node) for path, node in found(FUNCTION, *SHIPPED) if node.end_lineno - node.lineno >= 80]


def test_ports_are_narrow():
    ports = found(ast.ClassDef, "src/playhead/ports")
    assert not [place(path, node) for path, node in ports if sum(isinstance(part, FUNCTION) for part in node.body) > 12]


def test_names_say_what_things_are():
    vague = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py"}
    assert not breaches("vague_name", [(path, None) for path in sources(*SHIPPED, "tests") if path.name in vague])
    classes = found(ast.ClassDef, "src")
    assert not [place(path, node) for path, node in classes if re.search(r"Manager$|^Base([A-Z]|$)", node.name)]


def test_imports_stand_at_the_top():
    late = {
        (path, inner) for path, node in found(FUNCTION, "src") for inner in ast.walk(node) if isinstance(inner, IMPORT)
    }
    excused = {
        (path, node) for path, node in late if re.search(r"# noqa: PLC0415 \w+ \w+", text(path)[node.lineno - 1])
    }
    assert not [place(path, node) for path, node in late - excused]
    assert len(excused) <= 18, "late imports are for a few heavy libraries"


def test_state_of_the_process_has_one_home():
    assert not breaches("global", found(ast.Global, "src"))


def test_nothing_swallows_all_errors():
    def names(*parts):
        return {inner.id for part in parts for inner in ast.walk(part) if isinstance(inner, ast.Name)}

    def catches_all(node):
        if isinstance(node, ast.Call):  # contextlib.suppress(Exception)
            return ast.unparse(node.func).endswith("suppress") and names(*node.args) & blanket
        passes_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
        return not passes_on and (node.type is None or names(node.type) & blanket)

    blanket = {"Exception", "BaseException"}
    blanket |= {  # other names for them
        target.id
        for _, node in found(ast.Assign, "src")
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value, ast.Name | ast.Tuple) and names(node.value) & blanket
    }

    cases = found((ast.ExceptHandler, ast.Call), "src")
    assert not breaches("blanket_except", [(path, node) for path, node in cases if catches_all(node)])


def test_only_the_cli_prints():
    prints = [(path, node) for path, node in found(ast.Call, "src") if ast.unparse(node.func) == "print"]
    assert not [place(path, node) for path, node in prints if "cli" not in path.parts]


def test_only_settings_read_the_environment():
    reads = [
        (path, node)
        for path, node in found(ast.Attribute, "src")
        if ast.unparse(node) in {"os.environ", "os.getenv"} and path.name != "settings.py"
    ]
    assert not breaches("environ", reads)


def test_every_test_asserts():
    def asserts(test):
        return any(isinstance(node, ast.Assert) for node in ast.walk(test)) or any(
            re.search(r"(^|[._])(raises|warns|check|assert|expect)", ast.unparse(node.func))
            for node in ast.walk(test)
            if isinstance(node, ast.Call)
        )

    tests = [(path, node) for path, node in found(FUNCTION, "tests") if node.name.startswith("test")]
    assert tests
    assert not [place(path, node) for path, node in tests if not asserts(node)]


def test_files_of_the_page_are_short():
    most = {"lib": 400, "state": 400, "api": 400, "charts": 400, "views": 300}
    files = [
        (path, most.get(path.relative_to(ROOT / "web/src").parts[0], 400)) for path in ROOT.glob("web/src/**/*.ts*")
    ]
    assert not [place(path) for path, limit in files if lines(path) > limit]


def test_every_adapter_passes_a_contract():
    adapters = {
        path.name for path in (ROOT / "src/playhead/adapters").iterdir() if path.is_dir() and path.name[0] != "_"
    }
    told = "\n".join(line for path in sources("tests/contract") for line in text(path))
    assert adapters
    assert not {name for name in adapters if f"playhead.adapters.{name}" not in told}

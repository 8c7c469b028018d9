"""The OpenAPI document is true: whatever is asked, the answer is what the document says, and never the server's own fault."""

import json
import os
import subprocess
import sys
from pathlib import Path

from playhead.client.local import user_name
from playhead.wire import routes

# These two take what a schema accepts for good: bodies of any bytes are no journal, and JSON's 0 is taken for false.
LEFT_OUT = "positive_data_acceptance,negative_data_rejection,ignored_auth"


def test_every_route_is_in_the_document(server):
    document = json.loads(server.request("GET", "/api/v1/openapi.json", None).data)
    told = {path for name, path in vars(routes).items() if name.isupper()}
    assert set(document["paths"]) == told
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], (method, path)
            assert {"401", "404", "422", "500"} <= set(operation["responses"]), (method, path)


def test_whatever_is_asked_the_document_holds(server, journal, tmp_path):
    one = journal(project="fuzzed").start().rows(20)
    one.writer.row(20, {"text": "x", "nan": float("nan")})
    server.client().append(one.stream, 0, one.data)
    config = tmp_path / "schemathesis.toml"
    known = {"entity": user_name(), "project": "fuzzed", "run_id": one.run.run_id}
    config.write_text("[parameters]\n" + "".join(f'"path.{name}" = "{value}"\n' for name, value in known.items()))
    command = [
        sys.executable,
        "-m",
        "schemathesis.cli",
        "--config-file",
        str(config),
        "run",
        server.url + "/api/v1/openapi.json",
    ]
    command += [
        "-H",
        f"Authorization: Bearer {server.key}",
        "--exclude-path-regex",
        "events|session",
        "--exclude-method",
        "DELETE",
    ]
    command += ["--exclude-checks", LEFT_OUT, "--phases", "coverage,fuzzing", "-n", "8", "--no-color", "--seed", "1"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "SCHEMATHESIS_HOOKS": "fuzzing"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert "Tested: " in done.stdout

"""W&B's own client, as it is, in processes of its own, against a real server process."""

import json
import signal
import subprocess
import sys
import textwrap

import pytest
import urllib3

from a_server import ME, Server, bare


class Process(Server):
    """A server, asked as W&B's client asks: with its way to send the key."""

    def _credentials(self, key):
        return urllib3.make_headers(basic_auth=f"api:{key}")

    def get(self, path, key="local"):
        """What our own API answers."""
        answer = self.request("GET", "/api/v1" + path, key)
        assert answer.status == 200, answer.data
        return answer.json()

    def run(self, project, run_id, entity=ME):
        """The run, as our own API tells it."""
        return self.get(f"/runs/{entity}/{project}/{run_id}")

    def ask(self, query, key="local", status=200, **variables):
        """What GraphQL answers."""
        answer = self.request("POST", "/graphql", key, {"query": query, "variables": variables, "operationName": ""})
        assert answer.status == status, answer.data
        return answer.json()


class Told:
    """How a script ended, and what it told with `tell(...)`."""

    def __init__(self, done):
        self.code = done.returncode
        self.output = done.stdout
        self.errors = done.stderr
        lines = [line.partition("TOLD ") for line in done.stdout.splitlines()]
        self.told = [json.loads(text) for before, mark, text in lines if mark and not before]

    def __repr__(self):
        return f"exit code {self.code}\n{self.output}\n{self.errors}"


class Machine:
    """Somebody's computer: a home, a working directory, and what is installed there."""

    def __init__(self, server, folder, key=None):
        self.server = server
        self.folder = folder
        self.key = key or server.key
        self.work = folder / "work"
        self.work.mkdir(parents=True)

    def env(self, **more):
        """An environment in which W&B's client and ours know the server. None takes a name out of it."""
        known = {
            **bare(self.folder),
            "WANDB_BASE_URL": self.server.url,
            "WANDB_API_KEY": self.key,
            "WANDB_ERROR_REPORTING": "false",
            "WANDB_SILENT": "true",
            **{f"WANDB_{name}_DIR": str(self.folder / name.lower()) for name in ("CACHE", "CONFIG", "DATA")},
            "PLAYHEAD_BASE_URL": self.server.url,
            "PLAYHEAD_API_KEY": self.key,
        }
        return {name: value for name, value in {**known, **more}.items() if value is not None}

    def start(self, script, *, stdin=False, **env):
        """A process that runs `script`, which may call `tell(value)`, and with `stdin` be told something."""
        begin = "import json\ndef tell(value):\n    print('TOLD ' + json.dumps(value), flush=True)\n"
        path = self.work / "train.py"
        path.write_text(begin + textwrap.dedent(script))
        return self._process(str(path), stdin=stdin, **env)

    def train(self, script, *, code=0, **env):
        """Run `script` to its end. `code`: how it must end; None: as it likes."""
        return self.wait(self.start(script, **env), code=code)

    def wait(self, process, *, code=0):
        """The end of a process of `start`."""
        try:
            out, err = process.communicate(timeout=180)
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError(process.communicate()) from None
        done = Told(subprocess.CompletedProcess(process.args, process.returncode, out, err))
        assert code is None or done.code == code, done
        return done

    def wandb(self, *arguments, code=0, **env):
        """A command of W&B's."""
        return self.wait(self.command(*arguments, **env), code=code)

    def command(self, *arguments, **env):
        """A process of a command of W&B's."""
        return self._process("-m", "wandb", *arguments, **env)

    def _process(self, *arguments, stdin=False, **env):
        return subprocess.Popen(
            [sys.executable, *arguments], env=self.env(**env), cwd=self.work, text=True,
            stdin=subprocess.PIPE if stdin else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip


_BUCKET = "id name displayName config historyLineCount project { id name entity { id name } }"
_UPSERT = f"""
mutation U($id: String, $name: String, $project: String, $entity: String, $groupName: String, $displayName: String, $notes: String,
    $config: JSONString, $host: String, $program: String, $jobType: String, $tags: [String!], $state: String, $summary: JSONString) {{
  upsertBucket(input: {{id: $id, name: $name, modelName: $project, entityName: $entity, groupName: $groupName, displayName: $displayName,
      notes: $notes, config: $config, host: $host, jobProgram: $program, jobType: $jobType, tags: $tags, state: $state,
      summaryMetrics: $summary}}) {{ bucket {{ {_BUCKET} }} inserted }}
}}"""
_RESUME = """
query R($project: String, $entity: String, $name: String!) {
  model(name: $project, entityName: $entity) { id name entity { id name } bucket(name: $name, missingOk: true) {
      id name summaryMetrics displayName logLineCount historyLineCount eventsLineCount historyTail eventsTail config tags notes
      wandbConfig(keys: ["t"])
  } }
}"""
_REWIND = f"""
mutation W($runName: String!, $project: String, $metricName: String!, $metricValue: Float!) {{
  rewindRun(input: {{runName: $runName, projectName: $project, metricName: $metricName, metricValue: $metricValue}}) {{
    rewoundRun {{ {_BUCKET} }}
  }}
}}"""


DOCUMENTS = {"upsert": _UPSERT, "resume": _RESUME, "rewind": _REWIND}


class Asking:
    """Asks as a process of W&B's client does, without it: so that each question can be asked twice."""

    def __init__(self, server, project="begins"):
        self.server = server
        self.project = project

    def ask(self, document, key="local", status=200, **variables):
        return self.server.ask(DOCUMENTS[document], key, status, **variables)

    def upsert(self, name=None, config=None, own=None, status=200, key="local", **more):
        told = {key: {"value": value} for key, value in (config or {}).items()}
        told["_wandb"] = {"value": {"cli_version": "0.31.0", "t": {"5": "0.31.0"}, "m": [], **(own or {})}}
        given = {"host": "vm", "program": "train.py", "config": json.dumps(told), "project": self.project, **more}
        given = {name: value for name, value in given.items() if value is not None}
        answer = self.ask("upsert", key, status, name=name, **given)
        return answer["data"]["upsertBucket"] if status == 200 else answer["errors"][0]["message"]

    def resume(self, name):
        return self.ask("resume", name=name, project=self.project)["data"]["model"]

    def rewind(self, name, step, status=200):
        answer = self.ask(
            "rewind", status=status, runName=name, project=self.project, metricName="_step", metricValue=step
        )
        return answer["data"]["rewindRun"]["rewoundRun"] if status == 200 else answer["errors"][0]["message"]

    def run(self, name):
        return self.server.run(self.project, name)

    def segments(self, name):
        return self.server.get(f"/runs/{self.server.me}/{self.project}/{name}/segments")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for all tests that do not disturb it."""
    process = Process(tmp_path_factory.mktemp("server")).start()
    yield process
    process.stop()


@pytest.fixture
def own_server(tmp_path):
    """A server of the test's own, not started yet."""
    process = Process(tmp_path / "server")
    yield process
    process.stop(signal.SIGKILL)


@pytest.fixture(scope="session")
def entity():
    """The entity of the server's own user."""
    return ME


@pytest.fixture
def machine(server, tmp_path):
    """A computer of the server's own user."""
    return Machine(server, tmp_path / "machine")


@pytest.fixture(scope="session")
def machine_of(tmp_path_factory):
    """Makes computers: `machine_of(server, name, key)`."""
    return lambda server, name, key=None: Machine(server, tmp_path_factory.mktemp(name), key)


@pytest.fixture(scope="session")
def bob(server):
    """The key of a user without any right in the other one's projects."""
    return server.add_user("bob")


@pytest.fixture(scope="module")
def machine_for_all(server, tmp_path_factory):
    """A computer that all tests of a file share."""
    return Machine(server, tmp_path_factory.mktemp("machine"))


@pytest.fixture(scope="session")
def asking_of():
    """Asks a server of runs of a project."""
    return Asking


@pytest.fixture(scope="module")
def asking_in(server):
    """Asks of runs of a project."""
    return lambda project: Asking(server, project)

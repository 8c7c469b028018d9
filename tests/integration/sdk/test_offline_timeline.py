"""Going on with runs by what is on this disk; sent later, in any order, it is what it would have been online."""

import random
import socket

import pytest

STORY = [
    "id=ID, config={'lr': 0.1}, name='calm-river-1', notes='first'",
    "id=ID, resume='must', config={'more': 1}",
    "resume_from=f'{ID}?_step=3', config={'lr': 0.2}",
    "id=ID, resume=True, tags=['t']",
    "resume_from='calm-river-1', step=1, notes='second'",
    "fork_from=f'{ID}?_step=2', id=f'{ID}-fork'",
    "id=f'{ID}-fork', resume='allow', resume_step=1, config={'f': 1}",
    "fork_from=f'{ID}-fork?_step=3', id=f'{ID}-fork-2', inherit_config=False, config={'own': 1}",
    "resume=ID",
]
PLAY = f"""
ID, number = sys.argv[1], int(sys.argv[2])
story = {STORY!r}
run = eval(f"playhead.init(project='p', {{story[number]}})")
say(id=run.id, step=run.step, resumed=run.resumed, start=run.starting_step, config=dict(run.config))
for i in range(3):
    run.log({{"a": f"{{number}}-{{i}}"}})
print(f"line of {{number}}")
run.summary[f"s{{number}}"] = number
"""


def play(place, run_id):
    told = [place.ask(PLAY, run_id, str(number)) for number in range(len(STORY))]
    return [{key: value for key, value in one.items() if key != "err"} for one in told]


def picture(server, run_id):
    """What the server shows of the story's runs, without what differs each time."""
    shown = {}
    for suffix in ("", "-fork", "-fork-2"):
        run = server.api.run(f"{server.entity}/p/{run_id}{suffix}")
        ids = [segment.id for segment in run.segments]
        views = [run, *map(run.segment, ids)]
        shown |= {
            f"run{suffix}": (
                run.name if not suffix else "",
                run.state,
                run.step,
                run.notes,
                run.tags,
                ids.index(run.segment_id),
            ),
            f"segments{suffix}": [
                (
                    one.first_step,
                    one.last_step,
                    one.archived,
                    one.parent in ids and ids.index(one.parent),
                    one.parent_step,
                )
                for one in run.segments
            ],
            f"config{suffix}": [view.config for view in views],
            f"summary{suffix}": [
                {key: value for key, value in view.summary.items() if not key.startswith("_")} for view in views
            ],
            f"history{suffix}": [[(row["_step"], row["a"]) for row in view.scan_history(keys=["a"])] for view in views],
            f"console{suffix}": [[line.text for line in view.console()] for view in views],
            f"parent{suffix}": run.parent and (run.parent.id, run.parent.step),
            f"children{suffix}": sorted(child.id for child in run.children),
        }
    return shown


def differences(got, wanted):
    return {name: (got[name], wanted[name]) for name in wanted if got[name] != wanted[name]}


def sync(place, server, *arguments):
    place.playhead("sync", "--jobs", "1", *arguments, PLAYHEAD_DATA_DIR=str(server.data))


@pytest.fixture
def story(place):
    """The story as it is played offline; answers what its trainings said."""
    place.env["PLAYHEAD_MODE"] = "offline"
    return play(place, "story")


@pytest.mark.thorough
def test_offline_is_as_online(place, server_in, tmp_path, story):
    assert [(one["step"], one["resumed"]) for one in story] == [
        (0, False), (3, True), (4, True), (7, True), (2, True), (3, True), (2, True), (4, True), (5, True),
    ]  # fmt: skip
    online = server_in(tmp_path / "online")
    place.env |= {"PLAYHEAD_MODE": "online", "PLAYHEAD_DATA_DIR": str(online.data)}
    folders = place.runs
    place.env["PLAYHEAD_DIR"] = str(tmp_path / "elsewhere")
    assert play(place, "story") == story
    wanted = picture(online, "story")
    orders = [folders[::-1], random.Random(4).sample(folders, len(folders))]
    for number, order in enumerate(orders):
        server = server_in(tmp_path / f"server-{number}")
        for folder in order:
            sync(place, server, folder)
        assert differences(picture(server, "story"), wanted) == {}, number
        sync(place, server, *order)
        assert differences(picture(server, "story"), wanted) == {}
        server.kill()


def test_sent_to_another_project(place, server):
    """The chain stays whole, that of a fork too if its parent is sent there as well."""
    place.env["PLAYHEAD_MODE"] = "offline"
    for arguments in ("id='r'", "resume_from='r?_step=1'", "resume='r'", "fork_from='r?_step=2', id='f'"):
        place.ask(
            f"run = playhead.init(project='p', {arguments})\nrun.log({{'a': run.step}})\nrun.log({{'a': run.step}})"
        )
    for _ in range(2):
        sync(place, server, *place.runs, "--project", "elsewhere")
    for run_id, steps in (("r", 6), ("f", 5)):
        run = server.api.run(f"{server.entity}/elsewhere/{run_id}")
        assert [row["a"] for row in run.scan_history()] == list(range(steps))
    assert (run.parent.project, run.parent.id, run.parent.step) == ("elsewhere", "r", 2)


def test_a_resumed_fork_keeps_its_name(place):
    begin = "run = playhead.init(project='p', {})\nsay(id=run.id, name=run.name, step=run.step)\nrun.log({{'a': 1}})"
    place.ask(begin.format("id='r', name='first'"))
    fork = place.ask(begin.format("fork_from='r?_step=0', tags=['x']"))
    again = place.ask(begin.format(f"resume={fork['id']!r}"))
    assert again["name"] == fork["name"] != "first"
    assert again["step"] == 2


def test_what_was_set_of_the_summary_is_known(place):
    """By it a callback knows the best value so far."""
    place.ask(
        "run = playhead.init(project='p', id='r')\nrun.summary['best'] = 0.9\nrun.log({'a': 1})\nrun.log({'a': 2})\n"
        "run.summary.update({'best': 0.5, 'gone': 1})\ndel run.summary['gone']"
    )
    read = "run = playhead.init(project='p', {})\nsay(summary=dict(run.summary))"
    assert place.ask(read.format("resume='r'"))["summary"] == {"best": 0.5}
    assert place.ask(read.format("fork_from='r?_step=0'"))["summary"] == {"best": 0.9}


def test_forks_from_another_project(place):
    begin = "run = playhead.init({})\nsay(step=run.step, config=dict(run.config))\nrun.log({{'a': 1}})"
    place.ask(begin.format("project='q', id='r', config={'lr': 1}"))
    assert place.ask(begin.format("project='p', fork_from='q/r?_step=0'"))["config"] == {"lr": 1}
    told = place.ask(begin.format("project='p', fork_from='r?_step=0'"), status=1)
    assert "There is no run 'r' of p" in told["err"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("id='none', resume='must'", "nothing of the run none is in"),
        ("id='r', resume='never'", "is in"),
        ("resume_from='r?_step=9'", "ends at step 0 on this disk"),
        ("resume_from='none?_step=0'", "There is no run 'none'"),
        ("fork_from='twin?_step=0'", "Several runs have the name 'twin'"),
        ("resume_from='r?_step=0', id='other'", "A rewind keeps the run's id"),
    ],
)
def test_what_is_refused(place, arguments, said):
    for run_id in ("r", "s"):
        place.ask(f"playhead.init(project='p', id={run_id!r}, name='twin').log({{'a': 1}})")
    told = place.ask(f"playhead.init(project='p', {arguments})", status=1)
    assert "UsageError" in told["err"]
    assert said in told["err"]
    assert len(place.runs) == 2


# -- a server that cannot be reached ----------------------------------------------------------------------------------------


@pytest.fixture
def nowhere(place):
    """Trainings whose server does not answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    return {"PLAYHEAD_MODE": "", "PLAYHEAD_BASE_URL": url, "PLAYHEAD_API_KEY": "k", "PLAYHEAD_FINISH_TIMEOUT": "0.1"}


def test_what_this_disk_knows_will_do(place, nowhere):
    place.ask("run = playhead.init(project='p', id='r')\nfor i in range(4):\n    run.log({'a': i})")
    for arguments, step in (("id='r', resume='must'", 4), ("resume_from='r?_step=1'", 2), ("resume=True, id='r'", 2)):
        code = f"began = time.monotonic()\nrun = playhead.init(project='p', {arguments})\nsay(step=run.step, took=time.monotonic() - began)"
        told = place.ask(code, env=nowhere)
        assert told["took"] < 30
        assert told["step"] == step
        assert "going on with what is on this disk" in told["err"]


@pytest.mark.parametrize("arguments", ["id='r', resume='must'", "id='r', resume='allow'", "resume_from='r?_step=1'"])
def test_nobody_knows(place, nowhere, arguments):
    told = place.ask(f"playhead.init(project='p', {arguments})", status=1, env=nowhere)
    assert "CommError" in told["err"] or "UsageError" in told["err"]
    assert "nothing of it is on this disk" in told["err"] or "no server was asked" in told["err"]
    assert not place.runs


def test_a_new_run_with_an_id_needs_nobody(place, nowhere):
    told = place.ask(
        "run = playhead.init(project='p', id='new')\nsay(resumed=run.resumed)\nrun.log({'a': 1})", env=nowhere
    )
    assert not told["resumed"]
    assert place.journal().rows == [(0, {"a": 1})]

"""Alerts on the timeline of a real server."""

from playhead.domain.ids import generate_id


def test_an_alert_has_a_place_on_the_timeline(online, server):
    run_id = f"al-{generate_id()}"
    code = """
run = playhead.init(project="p", id=sys.argv[1])
for i in range(5):
    run.log({"a": i})
    if i in {1, 3}: run.alert(f"at {i}", "see", level="WARN")
"""
    online.ask(code, run_id)
    run = server.run(run_id, "finished")
    assert [(one.step, one.text, one.more, one.level) for one in run.alerts] == [
        (1, "at 1", "see", "WARN"),
        (3, "at 3", "see", "WARN"),
    ]
    assert [one.text for one in run.at(2).alerts] == ["at 1"]
    run.rewind(step=2)
    assert [one.text for one in run.alerts] == ["at 1"]

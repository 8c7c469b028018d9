"""The server dies in the middle of a real client's session, again and again: nothing is lost, nothing is there twice."""

import signal
import socket
import time

LIVE = """
    import sys, time
    import wandb

    settings = wandb.Settings(
        x_file_stream_transmit_interval=0.1, x_file_stream_retry_wait_min_seconds=0.1, x_file_stream_retry_wait_max_seconds=0.5,
        x_file_transfer_retry_wait_min_seconds=0.1, x_file_transfer_retry_wait_max_seconds=0.5, x_stats_sampling_interval=0.2,
        x_graphql_retry_wait_min_seconds=0.1, x_graphql_retry_wait_max_seconds=0.5,
    )
    run = wandb.init(project="crashes", id="live", settings=settings)
    tell("begun")
    for step in range(150):
        run.log({"loss": step * 0.5, "text": f"t{step}"})
        print(f"line {step}")
        if step % 100 == 50:
            with open("ckpt.txt", "w") as file:
                file.write(f"as of {step}")
            run.save("ckpt.txt", policy="now")
        time.sleep(0.02)
    run.summary["best"] = 7
    run.finish()
"""


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_server_is_killed_again_and_again(own_server, machine_of, entity):
    port = _free_port()
    own_server.start(port=port)
    process = machine_of(own_server, "machine").start(LIVE)
    assert process.stdout.readline() == 'TOLD "begun"\n'
    for pause in (0.4, 0.9):
        time.sleep(pause)
        own_server.stop(signal.SIGKILL)
        own_server.start(port=port)
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, (out, err)
    run = own_server.run("crashes", "live")
    assert (run["state"], run["step"], run["damaged"], run["summary"]["best"]) == ("finished", 150, 0, 7)
    path = f"/runs/{entity}/crashes/live"
    rows = own_server.get(f"{path}/rows?limit=1000")["items"]
    assert [(row["_step"], row["loss"], row["text"]) for row in rows] == [(n, n * 0.5, f"t{n}") for n in range(150)]
    lines = own_server.get(f"{path}/console?limit=1000")["items"]
    assert [line["text"] for line in lines if line["text"].startswith("line")] == [f"line {n}" for n in range(150)]
    samples = own_server.get(f"{path}/rows?source=system&limit=1000")["items"]
    assert len({sample["_timestamp"] for sample in samples}) == len(samples) > 1
    segments = own_server.get(f"{path}/segments")
    assert len(segments) == 1

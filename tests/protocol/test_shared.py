"""Several processes that write to one run at the same time, with mode="shared"."""

from concurrent.futures import ThreadPoolExecutor

WRITER = """
    import sys
    import wandb

    label = sys.argv[1] if len(sys.argv) > 1 else "{label}"
    first = label == "a"
    settings = wandb.Settings(x_label=label, x_primary=first, x_update_finish_state=first, x_stats_sampling_interval=0.5)
    run = wandb.init(project="shared", id="{id}", mode="shared", settings=settings)
    tell("begun")
    for step in range(40):
        run.log({{"loss": step * 0.5, "own-{label}": step}})
        print("{label} says", step)
    run.summary["best-{label}"] = 1
    run.finish()
"""


def test_every_row_is_there_once(machine_of, server, entity):
    labels = ["a", "b", "c"]
    processes = []
    for label in labels:
        machine = machine_of(server, f"machine-{label}")
        processes.append((machine, machine.start(WRITER.format(label=label, id="three"))))
    for machine, process in processes:
        machine.wait(process)
    run = server.run("shared", "three")
    assert (run["state"], run["damaged"]) == ("finished", 0)
    path = f"/runs/{entity}/shared/three"
    rows = server.get(f"{path}/rows?limit=1000")["items"]
    assert len(rows) == 120
    for label in labels:
        own = [row for row in rows if f"own-{label}" in row]
        assert [(row["_step"], row["loss"], row[f"own-{label}"]) for row in own] == [(n, n * 0.5, n) for n in range(40)]
        assert {row["_label"] for row in own} == {label}
        assert run["summary"][f"best-{label}"] == 1
    lines = server.get(f"{path}/console?limit=1000")["items"]
    for label in labels:
        told = [line for line in lines if line["text"].startswith(f"{label} says")]
        assert [line["text"] for line in told] == [f"{label} says {n}" for n in range(40)]
        assert {line["label"] for line in told} == {label}
    samples = server.get(f"{path}/rows?source=system&limit=1000")["items"]
    assert all("memory" in sample for sample in samples)


def test_processes_that_begin_a_run_at_the_same_time_all_have_it(server):
    document = 'mutation { upsertBucket(input: {name: "%s", modelName: "together"}) { bucket { name } inserted } }'

    def begin(name, client):
        body = {"query": document % name, "variables": {}}
        answer = server.request("POST", "/graphql", body=body, X_Wandb_Client_Id=client)
        assert answer.status == 200, answer.data
        return answer.json()["data"]["upsertBucket"]

    with ThreadPoolExecutor(6) as pool:
        for number in range(40):
            begun = list(pool.map(begin, [f"run-{number}"] * 6, [f"client-{one}" for one in range(6)]))
            assert [one["bucket"]["name"] for one in begun] == [f"run-{number}"] * 6
            assert server.run("together", f"run-{number}")["shared"]

"""Artifacts of W&B's client: logged, deduplicated, used, downloaded, named, linked and deleted by it, and the same ones for ours."""

import json

import pytest

PROJECT = "wbartifacts"
LOG = """
    import pathlib, wandb
    pathlib.Path("data/deep").mkdir(parents=True)
    pathlib.Path("data/a.txt").write_text("one")
    pathlib.Path("data/deep/ü %b.txt").write_text("two" * 1000)
    with wandb.init(project="wbartifacts", name="logger", id="logger") as run:
        for step in range(5):
            run.log({"loss": 1 / (step + 1)})
        first = wandb.Artifact("set", type="dataset", description="two files", metadata={"rows": 2, "deep": {"a": [1]}})
        first.add_dir("data")
        first.add_reference("https://example.invalid/raw", name="raw", checksum=False)
        logged = run.log_artifact(first, aliases=["best"], tags=["clean"])
        logged.wait()
        tell([logged.name, logged.version, sorted(logged.aliases), logged.digest, logged.size, logged.state, logged.id])
        again = wandb.Artifact("set", type="dataset")
        again.add_dir("data")
        again.add_reference("https://example.invalid/raw", name="raw", checksum=False)
        again = run.log_artifact(again, aliases=["again"])
        again.wait()
        tell([again.version, again.id == logged.id])
        run.log({"loss": 0.1})
        pathlib.Path("data/a.txt").write_text("changed")
        second = wandb.Artifact("set", type="dataset")
        second.add_dir("data")
        second.ttl = __import__("datetime").timedelta(days=2)
        second = run.log_artifact(second)
        second.wait()
        tell([second.version, sorted(second.aliases), second.ttl.days])
        run.log({"table": wandb.Table(columns=["x", "y"], data=[[1, "a"], [2, "b"]])})
"""


@pytest.fixture(scope="module")
def logged(machine_for_all):
    return machine_for_all.train(LOG).told


def mine(server, rest):
    return server.get(f"/artifacts/{server.me}/{PROJECT}/{rest}")


def test_it_logs(logged, server):
    [first, again, second] = logged
    assert first[:3] == ["set:v0", "v0", ["best", "latest"]]
    assert first[5] == "COMMITTED"
    assert again == ["v0", True]
    assert second == ["v1", ["latest"], 2]
    found = mine(server, "set/v0")
    assert (found["digest"], found["size"], found["count"]) == (first[3], first[4], 3)
    assert (found["description"], found["metadata"], found["tags"]) == (
        "two files",
        {"rows": 2, "deep": {"a": [1]}},
        ["clean"],
    )
    assert sorted(found["aliases"]) == ["again", "best"]
    assert (found["logged_by"]["run_id"], found["logged_by"]["step"] <= 4) == ("logger", True)
    entries = {one["path"]: one for one in mine(server, "set/v0/files")["items"]}
    assert entries.keys() == {"a.txt", "deep/ü %b.txt", "raw"}
    assert entries["raw"]["ref"] == "https://example.invalid/raw"
    answer = server.request("GET", f"/api/v1/artifacts/{server.me}/{PROJECT}/set/v0/file?path=a.txt")
    assert answer.data == b"one"
    assert mine(server, "set/v1")["ttl"] == 2 * 24 * 3600
    page = server.get(f"/runs/{server.me}/{PROJECT}/logger/artifacts?role=logged")
    assert [one["artifact"]["name"] for one in page["items"][:3]] == ["set"] * 3
    assert {one["artifact"]["type"] for one in page["items"]} >= {"dataset", "run_table"}


def test_it_uses_and_downloads(logged, machine_for_all, server):
    told = machine_for_all.train("""
        import pathlib, wandb
        with wandb.init(project="wbartifacts", id="user") as run:
            run.log({"a": 1})
            found = run.use_artifact("set:v0")
            root = pathlib.Path(found.download(root="fetched", allow_missing_references=True))
            tell(sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()))
            tell([(root / "a.txt").read_text(), found.verify(root="fetched") is None])
            tell(pathlib.Path(found.get_entry("deep/ü %b.txt").download(root="single")).read_text() == "two" * 1000)
            tell([found.get_entry("raw").ref_target(), found.logged_by().id])
            model = wandb.Artifact("model", type="model")
            with model.new_file("weights.txt") as file:
                file.write("weights")
            model.add_reference(found.get_entry("a.txt"), name="data.txt")
            run.log_artifact(model).wait()
    """).told
    assert told[0][:2] == ["a.txt", "deep/ü %b.txt"]
    assert told[1] == ["one", True]
    assert told[2] is True
    assert told[3] == ["https://example.invalid/raw", "logger"]
    items = server.get(f"/runs/{server.me}/{PROJECT}/user/artifacts")["items"]
    assert [(one["artifact"]["name"], one["role"]) for one in items] == [("set", "used"), ("model", "logged")]
    nodes = mine(server, "model/v0/lineage")["nodes"]
    assert {node["name"] for node in nodes if node["kind"] == "artifact"} >= {"set:v0", "model:v0"}


def test_its_api_reads_and_changes(logged, machine_for_all, server):
    told = machine_for_all.train("""
        import wandb
        api = wandb.Api()
        tell(sorted(one.name for one in api.artifact_types("wbartifacts")))
        kind = api.artifact_type("dataset", "wbartifacts")
        tell([one.name for one in kind.collections()])
        tell([one.version for one in api.artifacts("dataset", "wbartifacts/set")])
        tell([one.version for one in api.artifacts("dataset", "wbartifacts/set", tags=["clean"])])
        tell([api.artifact_exists("wbartifacts/set:v0"), api.artifact_exists("wbartifacts/set:v9"), api.artifact_collection_exists("wbartifacts/set", "dataset")])
        run = api.run("wbartifacts/logger")
        tell([[one.name for one in run.logged_artifacts() if one.type == "dataset"], [one.name for one in run.used_artifacts()]])
        found = api.artifact("wbartifacts/set:v0")
        tell([found.logged_by().id, sorted(one.id for one in found.used_by())])
        tell(sorted(file.name for file in found.files()))
        found.aliases.append("prod")
        found.aliases.remove("best")
        found.description = "changed"
        found.metadata["more"] = 1
        found.tags.append("new")
        found.save()
        found = api.artifact("wbartifacts/set:prod")
        tell([sorted(found.aliases), found.description, found.metadata, sorted(found.tags), found.history_step])
        collection = api.artifact_collection("dataset", "wbartifacts/set")
        collection.description, collection.tags = "of sets", ["good"]
        collection.save()
        tell([collection.description, list(api.artifact_collection("dataset", "wbartifacts/set").tags), sorted(collection.aliases)])
    """).told
    assert {"dataset", "run_table"} <= set(told[0])
    assert told[1] == ["set"]
    assert told[2] == ["v1", "v0"]
    assert told[3] == ["v0"]
    assert told[4] == [True, False, True]
    assert told[5][0] == ["set:v0", "set:v1"]
    assert told[6][0] == "logger"
    assert told[7] == ["a.txt", "deep/ü %b.txt"]
    assert told[8][:4] == [["again", "prod"], "changed", {"rows": 2, "deep": {"a": [1]}, "more": 1}, ["clean", "new"]]
    assert told[9] == ["of sets", ["good"], ["again", "latest", "prod"]]
    assert mine(server, "set/prod")["description"] == "changed"


def test_it_links_and_deletes(logged, machine_for_all, server):
    told = machine_for_all.train("""
        import wandb
        with wandb.init(project="wbartifacts", id="linker") as run:
            made = wandb.Artifact("gone", type="dataset")
            with made.new_file("a.txt") as file:
                file.write("to be deleted")
            made = run.log_artifact(made)
            made.wait()
            linked = run.link_artifact(made, f"{run.entity}/wbshelf/chosen", aliases=["prod"])
            tell(None if linked is None else [linked.name, sorted(linked.aliases)])
        api = wandb.Api()
        chosen = api.artifact("wbshelf/chosen:prod")
        tell([chosen.version, chosen.is_link, chosen.source_name, [one.name for one in made.linked_artifacts]])
        chosen.unlink()
        tell(api.artifact_exists("wbshelf/chosen:prod"))
        found = api.artifact("wbartifacts/gone:v0")
        try:
            found.delete()
        except Exception as error:
            tell(str(error))
        found.delete(delete_aliases=True)
        tell(api.artifact_exists("wbartifacts/gone:v0"))
    """).told
    assert told[0] is None or told[0][0].startswith("chosen:")
    assert told[1] == ["v0", True, "gone:v0", ["chosen:v0"]]
    assert told[2] is False
    assert "latest" in told[3]
    assert told[4] is False


def test_it_lists_in_an_order_and_by_filters(machine_for_all):
    told = machine_for_all.train("""
        import wandb
        from wandb.apis.public.artifacts import ArtifactCollections, Artifacts
        with wandb.init(project="wbordered") as run:
            for name, count in (("b", 1), ("a", 12), ("c", 1)):
                for number in range(count):
                    made = wandb.Artifact(name, type="dataset", metadata={"rows": number % 5}, description=f"{name} {number}")
                    with made.new_file("x.txt") as file:
                        file.write(f"{name} {number}")
                    run.log_artifact(made, tags=["even"] if number % 2 == 0 else [])
        api = wandb.Api()
        def versions(**ask):
            found = Artifacts(api._service_api, run.entity, "wbordered", "a", "dataset", **ask)
            return [int(one.version[1:]) for one in found]
        tell([int(one.version[1:]) for one in api.artifacts("dataset", "wbordered/a", order="+createdAt", per_page=5)])
        tell([int(one.version[1:]) for one in api.artifacts("dataset", "wbordered/a", order="-created_at")])
        tell([versions(filters={"metadata.rows": {"$gte": 3}}, order="versionIndex"), versions(filters={"tags": "even", "aliases": {"$in": ["latest", "v0"]}})])
        tell([versions(filters={"$or": [{"version": 3}, {"description": "a 7"}]}, per_page=1), len(api.artifacts("dataset", "wbordered/a"))])
        def names(**ask):
            return [one.name for one in ArtifactCollections(api._service_api, run.entity, "wbordered", "dataset", **ask)]
        tell([names(), names(order="-name", per_page=2), names(order="createdAt"), names(filters={"name": {"$regex": "^[ab]$"}})])
        tell([one.name for one in api.artifact_collections("wbordered", "dataset", order="-name")])
        for call in (lambda: versions(order="nonsense"), lambda: names(filters={"nonsense": 1})):
            try:
                call()
            except Exception as error:
                tell(str(error))
    """).told
    assert told[0] == list(range(12))
    assert told[1] == list(range(12))[::-1]
    assert told[2] == [[3, 4, 8, 9], []]
    assert told[3] == [[7, 3], 12]
    assert told[4] == [["a", "b", "c"], ["c", "b", "a"], ["b", "a", "c"], ["a", "b"]]
    assert told[5] == ["c", "b", "a"]
    assert "'nonsense' cannot be asked for here" in told[6]
    assert "'nonsense' cannot be asked for here" in told[7]


def test_a_collection_is_renamed_and_deleted(machine_for_all):
    told = machine_for_all.train("""
        import wandb
        with wandb.init(project="wbrenamed") as run:
            for name in ("kept", "before"):
                made = wandb.Artifact(name, type="dataset")
                with made.new_file("x.txt") as file:
                    file.write(name)
                run.log_artifact(made).wait()
            run.link_artifact(made, f"{run.entity}/wbrenamed/shelf")
        api = wandb.Api()
        for kind, name in (("dataset", "before"), ("dataset", "shelf")):
            collection = api.artifact_collection(kind, f"wbrenamed/{name}")
            collection.name, collection.tags = name + "-renamed", ["new"]
            collection.save()
            collection.description = "twice"
            collection.save()
            again = api.artifact_collection(kind, f"wbrenamed/{name}-renamed")
            tell([again.description, list(again.tags), again.id == collection.id, [one.version for one in again.artifacts()]])
        collection = api.artifact_collection("dataset", "wbrenamed/before-renamed")
        collection.type = "model"
        try:
            collection.save()
        except Exception as error:
            tell(str(error))
        for name in ("shelf", "before"):
            collection = api.artifact_collection("dataset", f"wbrenamed/{name}-renamed")
            collection.name = f"{name}-once-more"
            collection.save()
            collection.delete()
            tell([one.name for one in api.artifact_collections("wbrenamed", "dataset")])
    """).told
    assert told[:2] == [["twice", ["new"], True, ["v0"]]] * 2
    assert "Moving a collection to another type is not part of Playhead" in told[2]
    assert told[3:] == [["before-renamed", "kept"], ["kept"]]


def test_it_logs_and_uses_for_runs_that_playhead_recorded(machine_for_all, server):
    told = machine_for_all.train("""
        import playhead
        import wandb
        with playhead.init(project="wbforeign", id="ours") as run:
            for step in range(3):
                run.log({"loss": step})
            made = playhead.Artifact("set", type="dataset")
            with made.new_file("x.txt") as file:
                file.write("x")
            run.log_artifact(made).wait()
        api = wandb.Api()
        run = api.run("wbforeign/ours")
        found = api.artifact("wbforeign/set:v0")
        with wandb.init(project="wbforeign", id="other") as other:
            again = wandb.Artifact("model", type="model")
            with again.new_file("y.txt") as file:
                file.write("y")
            other.log_artifact(again).wait()
        tell([run.use_artifact(found).name, run.log_artifact(api.artifact("wbforeign/model:latest"), aliases=["kept"]).name])
        run = wandb.Api().run("wbforeign/ours")
        tell([sorted(one.name for one in run.used_artifacts()), sorted(one.name for one in run.logged_artifacts())])
        tell([run.state, sorted(one.id for one in found.used_by()), api.artifact("wbforeign/model:kept").version])
        with open("later.txt", "w") as file:
            file.write("by hand")
        tell([run.upload_file("later.txt").size, run.upload_file("later.txt").name, run.file("later.txt").download(root="back").read()])
    """).told
    assert told[0] == ["set:v0", "model:latest"]
    assert told[1] == [["set:v0"], ["model:v0", "set:v0"]]
    assert told[2] == ["finished", ["ours"], "v0"]
    assert told[3] == [7, "later.txt", "by hand"]
    assert server.run("wbforeign", "ours")["step"] == 3
    versions = server.get(f"/runs/{server.me}/wbforeign/ours/files/versions?path=later.txt")["items"]
    assert [one["step"] for one in versions] == [2]


def test_it_adds_to_a_version(machine_for_all, server):
    told = machine_for_all.train("""
        import wandb
        def made(name, **more):
            artifact = wandb.Artifact("grows", type="dataset", **more)
            with artifact.new_file(name) as file:
                file.write("of " + name)
            return artifact
        with wandb.init(project="wbartifacts", id="grower") as run:
            run.log_artifact(made("a.txt")).wait()
            grown = run.log_artifact(made("b.txt", incremental=True)).wait()
            tell([grown.version, sorted(grown.manifest.entries)])
            draft = run.use_artifact("grows:latest").new_draft()
            draft.remove("a.txt")
            tell(sorted(run.log_artifact(draft).wait().manifest.entries))
        run = wandb.Api().run("wbartifacts/grower")
        tell([one.name for one in run.logged_artifacts()])
        run.delete(delete_artifacts=True)
        tell(wandb.Api().artifact_exists("wbartifacts/grows:v0"))
    """).told
    assert told == [["v1", ["a.txt", "b.txt"]], ["b.txt"], ["grows:v0", "grows:v1", "grows:v2"], False]


def test_it_logs_offline(machine_for_all, server):
    machine_for_all.train("""
        import wandb
        with wandb.init(project="wbartifacts", id="offline") as run:
            run.log({"table": wandb.Table(columns=["x"], data=[[1]])})
            made = wandb.Artifact("later", type="dataset")
            with made.new_file("a.txt") as file:
                file.write("recorded offline")
            run.log_artifact(made)
    """, WANDB_MODE="offline")  # fmt: skip
    [folder] = (machine_for_all.work / "wandb").glob("offline-run-*-offline")
    machine_for_all.wandb("sync", str(folder))
    assert mine(server, "later/v0")["logged_by"]["run_id"] == "offline"
    assert mine(server, "run-offline-table/v0")["type"] == "run_table"


def test_the_command_line(logged, machine_for_all, server):
    folder = machine_for_all.work / "put"
    folder.mkdir()
    (folder / "x.txt").write_text("put by hand")
    (folder / "large.bin").write_bytes(bytes(range(256)) * 70_000)
    machine_for_all.wandb(
        "artifact", "put", "put", "--name", f"{PROJECT}/putset", "--type", "dataset", "--alias", "hand"
    )
    assert mine(server, "putset/hand")["count"] == 2
    machine_for_all.wandb("artifact", "get", f"{PROJECT}/putset:hand", "--root", "got")
    assert (machine_for_all.work / "got/x.txt").read_text() == "put by hand"
    assert (machine_for_all.work / "got/large.bin").read_bytes() == bytes(range(256)) * 70_000
    listed = machine_for_all.wandb("artifact", "ls", PROJECT, WANDB_SILENT=None)
    assert "putset" in listed.output + listed.errors


def test_what_one_client_logs_the_other_uses(logged, machine_for_all, server):
    told = machine_for_all.train("""
        import pathlib, playhead, wandb
        pathlib.Path("both").mkdir()
        pathlib.Path("both/a.txt").write_text("of both")
        with playhead.init(project="wbartifacts", id="ours") as run:
            data = playhead.Artifact("both", type="dataset")
            data.add_dir("both")
            run.log_artifact(data).wait()
            tell(pathlib.Path(run.use_artifact("set:v1").download("theirs"), "a.txt").read_text())
        with wandb.init(project="wbartifacts", id="theirs") as run:
            same = wandb.Artifact("both", type="dataset")
            same.add_dir("both")
            same = run.log_artifact(same, aliases=["same"])
            same.wait()
            tell([same.version, same.digest, pathlib.Path(run.use_artifact("both:latest").download(root="ours"), "a.txt").read_text()])
    """).told
    assert told[0] == "changed"
    assert told[1][0] == "v0"
    assert told[1][2] == "of both"
    found = mine(server, "both/same")
    assert (found["version"], found["digest"], found["logged_by"]["run_id"]) == (0, told[1][1], "ours")


QUERY = "query($id: ID!) { artifact(id: $id) { id state currentManifest { file { directUrl } } } }"


def test_addresses_are_rights_for_a_while(logged, server, bob):
    node = logged[0][6]
    assert server.ask(QUERY, bob, id=node)["data"]["artifact"] is None
    where = server.ask(QUERY, id=node)["data"]["artifact"]["currentManifest"]["file"]["directUrl"]
    answer = server.request("GET", where.removeprefix(server.url), None)
    manifest = json.loads(answer.data)
    assert manifest["contents"]["a.txt"].keys() == {"digest", "size", "birthArtifactID"}
    spoiled = where.removeprefix(server.url)[:-2] + "00"
    assert server.request("GET", spoiled, None).status == 403
    assert server.request("GET", "/api/v1/signed/x.y", None).status == 403
    digest = __import__("base64").b64decode(manifest["contents"]["a.txt"]["digest"]).hex()
    single = f"/artifactsV2/default/{server.me}/{PROJECT}/set/{node}/{digest}/a.txt"
    answer = server.request("GET", single)
    assert answer.status == 302
    content = answer.headers["location"].removeprefix(server.url)
    assert server.request("GET", content, None, Range="bytes=1-1").data == b"n"
    assert server.request("GET", single, bob).status == 404
    assert server.request("GET", single, None).status in {401, 404}

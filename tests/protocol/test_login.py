"""`wandb login`, who one is, and what keeps GraphQL from being asked too much."""

import base64
import json

VIEWER = "query Viewer { viewer { id entity username email flags teams { edges { node { name } } } } }"
FEATURES = "query ServerFeaturesQuery { serverInfo { features { name isEnabled } } }"


def test_login_with_a_good_key(machine, server, entity):
    machine.wandb("login", "--relogin", "--host", server.url, server.key, WANDB_API_KEY="", WANDB_SILENT="false")
    assert server.key in (machine.folder / ".netrc").read_text()
    told = machine.train(
        """
        import wandb
        tell(wandb.login(verify=True))
        tell(wandb.Api().default_entity)
        """,
        WANDB_API_KEY=None,
    )
    assert told.told == [True, entity]


def test_login_with_a_bad_key(machine, server):
    wrong = "local-" + "0" * 40
    done = machine.wandb("login", "--relogin", "--verify", "--host", server.url, wrong, code=None, WANDB_API_KEY="")
    assert done.code != 0
    assert not (machine.folder / ".netrc").exists()
    told = machine.train(
        """
        import wandb
        try:
            wandb.login(verify=True)
        except wandb.errors.AuthenticationError as error:
            tell(str(error))
        """,
        WANDB_API_KEY=wrong,
    )
    assert "does not know this API key" in told.told[0]
    assert "`wandb login`" in told.told[0]


def test_a_wrong_key_makes_nothing(machine, server, entity):
    place = f"/api/v1/projects/{entity}/never-made"
    told = machine.train(
        f"""
        import wandb
        def tried(call):
            try:
                call()
                tell("done")
            except Exception as error:
                tell(f"{{type(error).__name__}}: {{error}}")
        tried(lambda: wandb.init(project="never-made", entity="{entity}", id="x"))
        tried(lambda: wandb.init(project="never-made"))
        tried(lambda: wandb.Api().create_project("never-made", "{entity}"))
        tried(lambda: wandb.Api().create_run(project="never-made", entity="{entity}"))
        tried(lambda: wandb.Api().run("{entity}/never-made/x"))
        """,
        WANDB_API_KEY="local-" + "0" * 40,
    ).told
    assert len(told) == 5
    assert all("does not know this API key" in text for text in told), told
    assert server.request("GET", place).status == 404


def test_viewer(server, entity, bob):
    viewer = server.ask(VIEWER)["data"]["viewer"]
    assert (viewer["username"], viewer["entity"], viewer["flags"]) == (entity, entity, "{}")
    assert base64.b64decode(viewer["id"], validate=True).startswith(b"User:")
    assert server.ask(VIEWER, bob)["data"]["viewer"]["username"] == "bob"
    assert server.ask(VIEWER, None)["data"]["viewer"] is None
    assert isinstance(server.ask(FEATURES)["data"]["serverInfo"]["features"], list)


def test_what_does_not_exist_here_is_null(server):
    organization = (
        "query O($entityName: String!) { entity(name: $entityName) { organization { coreWeaveOrganizationId } } }"
    )
    assert server.ask(organization, entityName="x")["data"]["entity"]["organization"] is None
    flags = "query F($org: String!) { organization(name: $org) { featureFlags(rampIDType: OrgName) { rampKey isEnabled } } }"
    assert server.ask(flags, org="x")["data"] == {"organization": None}
    assert server.request("POST", "/sdk/otel/v1/metrics", body=b"").status == 404


def test_a_wrong_key_is_refused(server):
    answer = server.request("POST", "/graphql", "x" * 40, {"query": VIEWER})
    assert answer.status == 401
    assert answer.json()["data"] is None
    assert "API key" in answer.json()["errors"][0]["message"]


def test_variables_that_nobody_declared_are_passed_over(server):
    body = {"query": VIEWER, "variables": {"deleteArtifacts": True}, "operationName": ""}
    assert server.request("POST", "/graphql", body=body).status == 200
    assert server.request("POST", "/graphql", body={"query": VIEWER, "variables": None}).status == 200


def test_bodies_that_are_no_questions(server):
    for body in (b"", b"{", b"[]", b'{"query": 1}', json.dumps({"query": "query {"}).encode(), b"\xff"):
        answer = server.request("POST", "/graphql", body=body)
        assert (answer.status, bool(answer.json()["errors"])) == (400, True), body
    assert server.request("POST", "/graphql", body=b" " * (16 << 20) + b"{}").status == 413


def test_what_is_unknown_is_told_and_counted(server):
    answer = server.ask("query Q { viewer { shoeSize } }", status=400)
    assert 'Cannot query field "shoeSize" on type "User"' in answer["errors"][0]["message"]
    assert server.ask("mutation M { launchRocket { id } }", status=400)["errors"]
    counted = server.request("GET", "/metrics").data.decode()
    assert 'playhead_wandb_unknown_total{what="User.shoeSize"}' in counted
    assert 'route="/graphql"' in counted


def test_documents_that_ask_too_much(server):
    deep = "query Q { viewer { " + "teams { edges { node { " * 8 + "name" + " } } }" * 8 + " } }"
    wide = "query Q { " + " ".join(f"a{n}: viewer {{ id }}" for n in range(30)) + " }"
    bomb = "query Q { viewer { ...f0 } } " + " ".join(
        f"fragment f{n} on User {{ ...f{n + 1} ...f{n + 1} }}" for n in range(40)
    )
    bomb += " fragment f40 on User { id }"
    circle = "query Q { viewer { ...a } } fragment a on User { ...b } fragment b on User { ...a }"
    for query, status, word in (
        (deep, 413, "MAX_DEPTH"), (wide, 413, "MAX_CALLS"), (bomb, 413, "MAX_FIELDS"), (circle, 400, "itself"),
        ("query Q { viewer { id } }" + " " * 70_000, 413, "MAX_QUERY"), ("query Q { viewer { " + "id " * 9_000 + "} }", 400, "token"),
    ):  # fmt: skip
        assert word in server.ask(query, status=status)["errors"][0]["message"]

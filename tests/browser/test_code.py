"""The code of a run, API keys, and a link that has expired, in a browser on a real server."""

import re
import subprocess
import time

import pytest
from playwright.sync_api import expect

from playhead.wire import tokens

PAYLOAD = "<img src=x onerror=window.owned=1>"


@pytest.fixture(scope="session")
def changed(tmp_path_factory):
    """A repository with a commit, a remote, and changes that were not committed."""
    folder = tmp_path_factory.mktemp("repository")

    def git(*arguments):
        who = ("-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=warmup")
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)

    git("init")
    git("remote", "add", "origin", "git@github.com:ada/net.git")
    (folder / "train.py").write_text("".join(f"line {number}\n" for number in range(3000)))
    (folder / "gone.py").write_text("old\n")
    git("add", ".")
    git("commit", "-m", "first")
    (folder / "train.py").write_text(
        "".join(f"line {number}\n" if number % 300 else f"{PAYLOAD}\n" for number in range(3000))
    )
    (folder / "gone.py").unlink()
    return folder


@pytest.fixture(scope="session")
def coded(_train_in, changed):
    training = _train_in(changed, project="coded", name="coded")
    training("log", {"loss": 1.0})
    training.finish()
    return training.path


def test_commit_command_and_changes_are_shown(look, coded):
    seen = look(coded + "/code")
    facts = seen.page.get_by_label("Code", exact=True)
    expect(facts).to_contain_text("warmup")
    expect(facts.get_by_role("link", name=re.compile("^[0-9a-f]{40}$"))).to_have_attribute(
        "href", re.compile(r"^https://github\.com/ada/net/commit/[0-9a-f]{40}$")
    )
    expect(seen.page.get_by_label("Have it back")).to_contain_text(
        f"playhead restore {coded.lstrip('/').replace('/runs/', '/')}"
    )
    changes = seen.page.get_by_label("Changes", exact=True).first
    expect(changes).to_contain_text("2 files")
    expect(changes).to_contain_text("+10")
    expect(changes).to_contain_text("−11")
    expect(changes.get_by_role("button", name="gone.py deleted")).to_be_visible()
    expect(changes.get_by_text(PAYLOAD).first).to_be_visible()
    assert seen.page.evaluate("window.owned") is None
    changes.get_by_role("button", name="train.py").click()
    expect(changes.get_by_text(PAYLOAD)).to_have_count(0)
    seen.page.get_by_role("link", name="diff.patch").click()
    expect(seen.page.get_by_label("File diff.patch")).to_be_visible()


def test_a_run_without_code_says_so(look, train):
    training = train(project="coded", name="plain")
    training("log", {"loss": 1.0})
    training.finish()
    seen = look(training.path + "/code")
    expect(seen.page.get_by_text("did not run in a git repository")).to_be_visible()


def test_an_api_key_is_made_shown_once_and_taken_back(look, server):
    seen = look("/settings")
    keys = seen.page.get_by_label("API keys")
    keys.get_by_label("What the new key is for").fill(f"cluster {PAYLOAD}")
    keys.get_by_role("button", name="Make a key").click()
    key = keys.get_by_role("status").locator("code").inner_text()
    again = look("/settings", logged_in=False)
    again.log_in(key)
    expect(again.page.get_by_label("API keys")).to_contain_text("cluster <img")
    expect(again.page.get_by_text(key)).to_have_count(0)
    keys.get_by_role("button", name="Revoke the key cluster").click()
    keys.get_by_role("button", name="Revoke it").click()
    expect(keys.get_by_text("cluster")).to_have_count(0)
    other = look("/settings", logged_in=False)
    other.log_in(key)
    expect(other.page.get_by_role("alert")).to_contain_text("does not know this key")


def test_an_expired_link_says_so_and_what_to_do(look, server):
    seen = look("/login", logged_in=False)
    seen.go(f"/settings?token={tokens.mint(server.key, int(time.time()) - 1)}")
    expect(seen.page.get_by_role("status")).to_contain_text("This link has expired")
    expect(seen.page.get_by_text("playhead ui")).to_be_visible()
    expect(seen.page).not_to_have_url(re.compile("link="))
    seen.log_in()
    expect(seen.page.get_by_role("heading", name="Settings")).to_be_visible()

"""Which server, and which key."""

import stat

import pytest

from playhead.client import credentials, settings
from playhead.domain.errors import AuthenticationError, UsageError

HOST = "https://playhead.example.org"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_key_is_kept_for_one_server_and_this_user_only():
    path = credentials.store_key(HOST, "key-1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert credentials.stored_key(HOST) == "key-1"
    assert credentials.stored_key(HOST + ":8443") is None
    assert credentials.stored_key("http://127.0.0.1:8237") is None


def test_new_key_replaces_the_old_one_and_nothing_else():
    path = settings.netrc_path()
    path.write_text(
        "machine a.org login me password x\n# kept\nmacdef init\ncd /\n\nmachine playhead.example.org\n login user\n password old\nmachine b.org\n login me\n password y"
    )
    path.chmod(0o600)
    credentials.store_key(HOST, "new")
    assert credentials.stored_key(HOST) == "new"
    text = path.read_text()
    assert "old" not in text
    assert text.count("playhead.example.org") == 1
    assert "machine a.org login me password x\n# kept\nmacdef init\ncd /\n" in text
    assert credentials.stored_key("https://b.org") == "y"


def test_netrc_that_is_a_link_stays_one(tmp_path):
    real = tmp_path / "dotfiles"
    real.write_text("")
    settings.netrc_path().symlink_to(real)
    credentials.store_key(HOST, "k")
    assert settings.netrc_path().is_symlink()
    assert "playhead.example.org" in real.read_text()


def test_default_entry_of_netrc_is_not_for_us():
    settings.netrc_path().write_text("default login me password secret\n")
    assert credentials.stored_key(HOST) is None


def test_damaged_netrc_is_told():
    settings.netrc_path().write_text("machine a.org lojin me\n")
    with pytest.raises(AuthenticationError, match="Mend it"):
        credentials.stored_key(HOST)


def test_environment_comes_first(monkeypatch):
    credentials.store_key(HOST, "kept")
    settings.write_setting(settings.config_dir() / "settings", "base_url", HOST)
    assert credentials.find() == (HOST, "kept", None)
    monkeypatch.setenv("WANDB_API_KEY", "w")
    assert credentials.find().key == "kept"
    monkeypatch.setenv("WANDB_BASE_URL", HOST)
    assert credentials.find().key == "w"
    monkeypatch.setenv("PLAYHEAD_API_KEY", "p")
    assert credentials.find().key == "p"
    assert credentials.find(key="given").key == "given"
    monkeypatch.setenv("PLAYHEAD_BASE_URL", "http://other:1/")
    assert credentials.find().url == "http://other:1"
    assert credentials.find("http://third:2").url == "http://third:2"


def test_address_of_another_product_is_not_meant_for_us(monkeypatch):
    settings.write_setting(settings.config_dir() / "settings", "base_url", HOST)
    monkeypatch.setenv("WANDB_BASE_URL", "https://api.wandb.ai")
    assert settings.base_url() == HOST


def test_settings_of_the_folder_beat_those_of_the_user(tmp_path):
    settings.write_setting(settings.config_dir() / "settings", "base_url", HOST)
    settings.write_setting(tmp_path / "playhead/settings", "base_url", "http://here:1")
    assert settings.base_url() == "http://here:1"


def test_setting_is_written_beside_others(tmp_path):
    path = tmp_path / "settings"
    path.write_text("# mine\n[default]\nproject = a\nmode=online\n")
    settings.write_setting(path, "mode", "offline")
    assert path.read_text() == "# mine\n[default]\nmode = offline\nproject = a\n"
    settings.write_setting(path, "mode", None)
    assert settings.read_settings(path) == {"project": "a"}


@pytest.mark.parametrize("url", ["playhead.example.org", "ftp://x", "http://", "http://a b"])
def test_what_is_no_address(url):
    with pytest.raises(UsageError, match="address"):
        credentials.check_url(url)


def test_login_by_function():
    assert credentials.login()
    with pytest.raises(AuthenticationError, match="playhead login --host"):
        credentials.login(host=HOST)
    assert credentials.login("key-1", HOST)
    assert credentials.stored_key(HOST) == "key-1"
    assert settings.base_url() == HOST
    assert credentials.login()
    with pytest.raises(AuthenticationError):
        credentials.login(relogin=True)


@pytest.mark.parametrize(
    ("no_proxy", "url", "expected"),
    [
        ("", "http://a.org", "http://proxy:1"),
        ("", "http://127.0.0.1:8237", None),
        ("", "http://localhost:1", None),
        ("a.org", "http://b.a.org:80", None),
        (".a.org, b.org", "http://b.org", None),
        ("*", "http://c.org", None),
        ("c.org", "http://abc.org", "http://proxy:1"),
    ],
)
def test_proxy(monkeypatch, no_proxy, url, expected):
    monkeypatch.setenv("HTTP_PROXY", "proxy:1")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert settings.proxy(url) == expected

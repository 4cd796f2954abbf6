"""Settings: from the environment and from secret files; what cannot work is named in one line."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from shared.errors import ConfigurationError
from shared.settings import Settings, get_settings


@pytest.fixture(autouse=True)
def fresh() -> None:
    get_settings.cache_clear()


def test_defaults_need_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WIREDESK_DATA", raising=False)
    settings = get_settings()
    assert settings.redis_url is None
    assert settings.page_store_location == str(Path("wiredesk-data") / "pages")


def test_the_environment_is_read_with_its_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREDESK_FETCH_CONCURRENCY", "7")
    monkeypatch.setenv("FETCH_CONCURRENCY", "8")
    monkeypatch.setenv("WIREDESK_ALLOWED_NETWORKS", "127.0.0.0/8, ::1/128,")
    monkeypatch.setenv("WIREDESK_LOG_LEVEL", "debug")
    settings = get_settings()
    assert settings.fetch_concurrency == 7
    assert settings.allowed_networks == (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    assert settings.log_level == "DEBUG"


def test_a_secret_may_stand_in_a_file_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wiredesk_database_url").write_text("postgresql://file/wiredesk\n")
    (tmp_path / "wiredesk_redis_url").write_text("redis://file\n")
    monkeypatch.setenv("WIREDESK_REDIS_URL", "redis://environment")
    settings = Settings(_secrets_dir=tmp_path)
    assert settings.database_url == "postgresql://file/wiredesk"
    assert settings.redis_url == "redis://environment"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WIREDESK_ALLOWED_NETWORKS", "10.0.0.0/8,nonsense"),
        ("WIREDESK_ALLOWED_NETWORKS", "10.1.2.3/8"),
        ("WIREDESK_FETCH_CONCURRENCY", "0"),
        ("WIREDESK_FETCH_CONCURRENCY", "many"),
        ("WIREDESK_API_PORT", "70000"),
        ("WIREDESK_ROBOTS", "perhaps"),
        ("WIREDESK_PUBLIC_URL", "desk.example"),
        ("WIREDESK_LOG_LEVEL", "LOUD"),
        ("WIREDESK_LOG_FORMAT", "xml"),
        ("WIREDESK_USER_AGENT", "two\nlines"),
        ("WIREDESK_USER_AGENT", ""),
        ("WIREDESK_POLL_FLOOR_SECONDS", "90000"),
    ],
)
def test_a_value_that_cannot_work_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=name) as caught:
        get_settings()
    assert "\n" not in str(caught.value)
    assert value.encode("unicode_escape").decode() in str(caught.value)


def test_a_password_in_a_wrong_value_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREDESK_PUBLIC_URL", "https://user:geheim@desk.example")
    with pytest.raises(ConfigurationError, match="WIREDESK_PUBLIC_URL") as caught:
        get_settings()
    assert "geheim" not in str(caught.value)


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if name != "data" and not field.description] == []

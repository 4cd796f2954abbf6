"""What stands around the stack, tested without Docker: the secrets' script and the example settings."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from shared.settings import Settings
from shared.siterules import SiteRules

ROOT = Path(__file__).parents[2]


def make_secrets(folder: Path) -> dict[str, str]:
    subprocess.run(["sh", ROOT / "compose" / "secrets.sh", folder], check=True, capture_output=True)
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_secrets_fit_together(tmp_path: Path) -> None:
    secrets = make_secrets(tmp_path / "secrets")
    assert secrets["postgres_password"].strip() in secrets["wiredesk_database_url"]
    (password,) = re.findall("^user default on >([0-9a-f]{48}) ", secrets["valkey_acl"], flags=re.MULTILINE)
    assert secrets["wiredesk_redis_url"] == f"redis://:{password}@valkey:6379/0\n"


def test_the_parser_has_a_user_of_valkey_of_its_own(tmp_path: Path) -> None:
    secrets = make_secrets(tmp_path / "secrets")
    (password,) = re.findall("^user parser on >([0-9a-f]{48}) ", secrets["valkey_acl"], flags=re.MULTILINE)
    assert secrets["wiredesk_parser_redis_url"] == f"redis://parser:{password}@valkey:6379/0\n"
    assert password not in secrets["wiredesk_redis_url"]


def test_an_acl_from_before_the_parser_had_a_user_gets_it(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    first = make_secrets(folder)
    (folder / "wiredesk_parser_redis_url").unlink()
    old = "".join(line for line in first["valkey_acl"].splitlines(keepends=True) if not line.startswith("user parser"))
    (folder / "valkey_acl").unlink()
    (folder / "valkey_acl").write_text(old)
    second = make_secrets(folder)
    assert second["valkey_acl"].startswith(old)
    (password,) = re.findall("^user parser on >([0-9a-f]{48}) ", second["valkey_acl"], flags=re.MULTILINE)
    assert password in second["wiredesk_parser_redis_url"]
    assert make_secrets(folder) == second


def test_every_secret_is_random(tmp_path: Path) -> None:
    first, second = make_secrets(tmp_path / "one"), make_secrets(tmp_path / "two")
    assert all(first[name] != second[name] for name in first)


def test_secrets_that_are_there_stay(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "postgres_password").write_text("mine")
    first = make_secrets(folder)
    assert "wiredesk:mine@postgres" in first["wiredesk_database_url"]
    assert make_secrets(folder) == first


def test_a_lost_acl_is_made_again_from_the_address(tmp_path: Path) -> None:
    first = make_secrets(tmp_path / "secrets")
    (tmp_path / "secrets" / "valkey_acl").unlink()
    assert make_secrets(tmp_path / "secrets") == first


def test_only_the_owner_reaches_the_folder_and_containers_read_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    make_secrets(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o444}


def test_every_example_setting_is_one() -> None:
    known = {f"WIREDESK_{name.upper()}" for name in Settings.model_fields}
    known |= set(re.findall(r"\$\{(WIREDESK_[A-Z_]+)", (ROOT / "compose.yaml").read_text()))
    named = set(re.findall(r"^#?(WIREDESK_[A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE))
    assert named
    assert named <= known


@pytest.mark.parametrize("name", ["scheduler", "fetcher", "parser"])
def test_whoever_reads_the_sites_file_has_it(name: str) -> None:
    services = (ROOT / "compose.yaml").read_text().partition("\nservices:\n")[2]
    (service,) = re.findall(rf"^  {name}:\n((?:    .*\n|\n)+)", services, flags=re.MULTILINE)
    (place,) = re.findall(r"WIREDESK_SITES_FILE: (\S+)", services)
    assert re.search(r"^    environment: [&*]sites$", service, flags=re.MULTILINE)
    assert f"${{WIREDESK_SITES:-./compose/sites.toml}}:{place}:ro" in service


def test_the_sites_file_that_comes_along_can_be_read() -> None:
    assert not SiteRules.load(ROOT / "compose" / "sites.toml").parsing

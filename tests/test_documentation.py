"""What the documents say is held against the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.parser.quality import FLAGS
from shared.settings import Settings

ROOT = Path(__file__).parent.parent
CONSUMING = (ROOT / "docs" / "consuming.md").read_text("utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text("utf-8")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_as_it_is(name: str) -> None:
    field = Settings.model_fields[name]
    shown = "" if field.default in (None, ()) else f"`{field.default}`"
    assert f"| `WIREDESK_{name.upper()}` | {shown} | {field.description} |" in OPERATING


@pytest.mark.parametrize("flag", FLAGS)
def test_every_flag_is_documented_with_what_it_costs(flag: str) -> None:
    assert f"\n| `{flag}` | {FLAGS[flag]} | " in CONSUMING

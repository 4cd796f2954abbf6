"""The labels of words.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from services.parser.dates import words

WORDS = tomllib.loads(Path(words.__file__).with_name("words.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("meaning", ["published", "modified"])
def test_every_label_means_one_thing_before_a_date(meaning):
    for label in WORDS["labels"][meaning]:
        for before in (label, f"{label}: ", f"{label.upper()} – ", f"Von Jördis Häßler | {label} "):
            assert words.label(before) == meaning, before


@pytest.mark.parametrize(
    ("before", "meaning"),
    [
        ("Veröffentlicht am ", "published"),
        ("Zuletzt aktualisiert am ", "modified"),
        ("Last updated on ", "modified"),
        ("First published ", "published"),
        ("Publié le ", "published"),
        ("Mis à jour le ", "modified"),
        ("公開日：", "published"),
        ("Konzert am ", None),
        ("The update was discussed until ", None),
        ("", None),
    ],
)
def test_a_label_stands_right_before_its_date(before, meaning):
    assert words.label(before) == meaning

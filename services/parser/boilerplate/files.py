"""The language files: one a language, named for it (ISO 639-1; ``mul`` for what is the same in all), a table a rule.

Each table has ``phrases`` (see :mod:`services.parser.boilerplate.phrase`), lines that they must ``catch`` and lines
that look like those and that they must ``spare``. ``docs/rules.md`` tells how to add one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.parser.boilerplate.phrase import Phrase, PhraseError, read
from services.parser.boilerplate.rules import RULES, Manner, Rule
from shared.errors import ConfigurationError

_ENTRIES = frozenset({"phrases", "catch", "spare"})
_RULES = {rule.name: rule for rule in RULES}


@dataclass(frozen=True)
class Table:
    """One rule in one language."""

    language: str
    rule: Rule
    phrases: tuple[Phrase, ...]
    catch: tuple[str, ...]
    spare: tuple[str, ...]


def tables(folder: Path) -> Iterator[Table]:
    """Every table of every language file in ``folder``, in the order of the languages' names.

    :raises ConfigurationError: one line that names file, rule and phrase, if one of them cannot be read.
    """
    for path in sorted(folder.glob("*.toml")):
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise _wrong(path, f"is no TOML: {error}") from error
        for name, table in content.items():
            if name not in _RULES:
                raise _wrong(path, f"[{name}] is no rule; there are {', '.join(_RULES)}")
            if not isinstance(table, dict) or set(table) != _ENTRIES:
                raise _wrong(path, f"[{name}] needs phrases, catch and spare, and nothing else")
            texts = {entry: _texts(path, name, entry, table[entry]) for entry in table}
            yield Table(
                language=path.stem,
                rule=_RULES[name],
                phrases=tuple(_phrase(path, _RULES[name], source) for source in texts["phrases"]),
                catch=texts["catch"],
                spare=texts["spare"],
            )


def _texts(path: Path, rule: str, entry: str, values: object) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        raise _wrong(path, f"[{rule}] {entry} is no list of texts")
    return tuple(values)


def _phrase(path: Path, rule: Rule, source: str) -> Phrase:
    try:
        phrase = read(source)
        # What the rule finds its phrases by is asked for here, where the file's name is known.
        if rule.manner is Manner.WITHIN:
            _ = phrase.cues
        elif rule.manner is not Manner.TAIL:
            _ = phrase.keys
    except PhraseError as error:
        raise _wrong(path, f"[{rule.name}] phrase {source!r} {error}") from error
    return phrase


def _wrong(path: Path, what: str) -> ConfigurationError:
    return ConfigurationError(f"{path.parent.name}/{path.name}: {what}")

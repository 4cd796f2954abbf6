"""Errors: one tree, and they survive being carried from one process to another."""

from __future__ import annotations

import copy

import pytest

from shared import errors
from shared.errors import ConfigurationError, EngineError, FetchError, UsageError, WiredeskError


@pytest.mark.parametrize("kind", [UsageError, ConfigurationError, EngineError])
def test_every_error_is_one_of_ours(kind: type[WiredeskError]) -> None:
    assert issubclass(kind, WiredeskError)
    assert str(kind("what and how to mend it")) == "what and how to mend it"


def test_a_fetch_error_keeps_its_facts_when_it_is_copied_as_pickle_does() -> None:
    error = FetchError("timeout", "no answer in 60 s", url="https://paper.example/")
    twin = copy.copy(error)
    assert isinstance(twin, FetchError)
    assert (twin.reason, str(twin), twin.url) == ("timeout", "no answer in 60 s", "https://paper.example/")


def test_the_tree_in_the_documentation_names_every_error() -> None:
    public = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}
    assert all(name in (errors.__doc__ or "") for name in public)

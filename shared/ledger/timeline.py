"""The timeline of an entry: what happened to it, in order, kept on its row."""

from __future__ import annotations

from shared.text import storable_detail, storable_json


def step(what: str, **facts: str | float | None) -> str:
    """One step as JSON, to be stamped with the database's time by :data:`SQL`. Facts that are ``None`` stay out."""
    kept = {name: value for name, value in facts.items() if value is not None}
    texts = {name: storable_detail(value) for name, value in kept.items() if isinstance(value, str)}
    return storable_json({"what": what, **kept, **texts})


# A page that flaps for years must not grow its row without end: beyond 60 steps one of the middle is dropped.
# The step and its time are merged before they are appended as one element.
SQL = """
    (CASE WHEN jsonb_array_length(timeline) >= 60 THEN timeline - 20 ELSE timeline END)
    || jsonb_build_array(jsonb_build_object('at', now()) || %(step)s::jsonb)
"""

"""The job contracts: ids that are unique to a dispatch, words for a person, and payloads that survive JSON."""

from __future__ import annotations

import importlib
import inspect
import json

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.jobs import AskHub, FetchPage, IndexResult, JobRecord, PageMissing, ParsePage, PollFeed, RejectionResult
from shared.records import Rejection, RejectionReason

JOBS: list[JobRecord] = [
    PollFeed(feed_id=3, lease=7, site="paper.example", title="Paper"),
    AskHub(subscription_id=3, errand="renew", lease=7, site="hub.example", title="Paper"),
    FetchPage(entry_id=3, lease=7, site="paper.example", title="A"),
    ParsePage(entry_id=3, lease=7, site="paper.example", title="A", page_key="k"),
    IndexResult(entry_id=3, lease=7, site="paper.example", title="A", result=PageMissing()),
    IndexResult(
        entry_id=3,
        lease=7,
        site="paper.example",
        result=RejectionResult(rejection=Rejection(reason=RejectionReason.NO_TEXT)),
    ),
]


@pytest.mark.parametrize("job", JOBS, ids=lambda job: type(job).__name__)
def test_a_payload_survives_the_queue(job: JobRecord) -> None:
    payload = json.loads(json.dumps(job.model_dump(mode="json")))
    assert TypeAdapter(type(job)).validate_python(payload) == job


def test_ids_are_unique_to_the_kind_the_row_and_the_dispatch() -> None:
    assert [job.job_id for job in JOBS[:5]] == ["feed-3-7", "hub-3-7", "page-3-7", "parse-3-7", "index-3-7"]


@pytest.mark.parametrize("job", JOBS[:5], ids=lambda job: type(job).__name__)
def test_the_function_that_a_job_names_exists_and_takes_one_payload(job: JobRecord) -> None:
    module, _, name = job.function.rpartition(".")
    function = getattr(importlib.import_module(module), name)
    assert len(inspect.signature(function).parameters) == 1


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Erstes  Telefonat\n", "parse  Erstes Telefonat (rt.de)"),
        (None, "parse  untitled (rt.de)"),
        ("x" * 200, f"parse  {'x' * 89}… (rt.de)"),
    ],
)
def test_the_description_is_one_line_for_a_person(title: str | None, words: str) -> None:
    assert ParsePage(entry_id=1, lease=1, site="rt.de", title=title, page_key="k").description == words


def test_a_hub_s_job_says_what_it_is_for() -> None:
    assert JOBS[1].description == "renew  Paper (hub.example)"


def test_a_misspelt_field_is_refused() -> None:
    with pytest.raises(ValidationError):
        FetchPage.model_validate({"entry_id": 1, "lease": 1, "site": "x", "titel": "x"})

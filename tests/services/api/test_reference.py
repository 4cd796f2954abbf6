"""The OpenAPI document, and the page that is made of it."""

from __future__ import annotations

from typing import Any

from tests.services.api.served import Served

REF = "#/components/schemas/"


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        found = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return found.union(*(references(item) for item in value.values()))
    return set().union(*(references(item) for item in value)) if isinstance(value, list) else set()


def test_the_document_describes_every_answer(idle: Served) -> None:
    document = idle.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    schemas = document["components"]["schemas"]
    assert {reference.removeprefix(REF) for reference in references(document)} <= set(schemas)
    assert "HTTPValidationError" not in schemas
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["description"], path
            assert operation["responses"]["200"]["content"]["application/json"]["schema"], path
            error = operation["responses"]["default"]["content"]["application/problem+json"]
            assert error["schema"] == {"$ref": REF + "Problem"}
            assert "422" not in operation["responses"]


def test_the_article_in_the_document_is_the_published_record(idle: Served) -> None:
    document = idle.get("/openapi.json").json()
    published = idle.get("/v1/schema/article").json()
    assert document["components"]["schemas"]["Article"]["properties"].keys() == published["properties"].keys()


def test_the_page_names_every_path_and_parameter(idle: Served) -> None:
    page = idle.get("/docs").text
    for path, methods in idle.get("/openapi.json").json()["paths"].items():
        assert f"<code>{path}</code>" in page
        for parameter in methods["get"].get("parameters", ()):
            assert f"<code>{parameter['name']}</code>" in page
    assert "integer from 1 to 200, default 50" in page
    assert "``" not in page

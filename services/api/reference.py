"""The OpenAPI document as people and programs need it: with our problems, and as a list to be rendered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from services.api.problems import MEDIA_TYPE, Problem

REF = "#/components/schemas/"


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation."""

    name: str
    place: str
    required: bool
    kind: str
    description: str


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked."""

    method: str
    path: str
    tag: str
    description: str
    parameters: tuple[Parameter, ...]
    returns: str | None


def openapi(app: FastAPI, *, guarded: bool) -> dict[str, Any]:
    """FastAPI's document, with problem documents for errors, and the token where one is needed."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
    )
    schemas = document["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema(ref_template=REF + "{model}")
    schemas |= schemas["Problem"].pop("$defs", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path, item in document["paths"].items():
        for operation in item.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {
                "description": "A problem document (RFC 9457).",
                "content": {MEDIA_TYPE: {"schema": {"$ref": REF + "Problem"}}},
            }
            if guarded and path.startswith("/v1/"):
                operation["security"] = [{"token": []}]
    if guarded:
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    app.openapi_schema = document
    return document


def operations(document: dict[str, Any]) -> list[Operation]:
    """Everything that can be asked, in the order of the document."""
    return [
        Operation(
            method=method.upper(),
            path=path,
            tag=item["tags"][0],
            description=item["description"],
            parameters=tuple(_parameter(parameter) for parameter in item.get("parameters", ())),
            returns=_returns(item["responses"]["200"]),
        )
        for path, methods in document["paths"].items()
        for method, item in methods.items()
    ]


def _parameter(parameter: dict[str, Any]) -> Parameter:
    return Parameter(
        name=parameter["name"],
        place=parameter["in"],
        required=parameter.get("required", False),
        kind=_kind(parameter["schema"]),
        description=parameter.get("description", ""),
    )


def _kind(schema: dict[str, Any]) -> str:
    """A parameter's schema in a few words: ``integer from 1 to 200, default 50``."""
    options = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    option = options[0]
    if "enum" in option:
        return " or ".join(option["enum"])
    told = {"date-time": "time"}.get(option.get("format", ""), option["type"])
    # The largest number that the database keeps is no bound that anyone meets.
    if "maximum" in option and option["maximum"] < 2**31:
        told += f" from {option.get('minimum', 0)} to {option['maximum']}"
    if "maxLength" in option:
        told += f", at most {option['maxLength']} characters"
    if schema.get("default") is not None:
        told += f", default {schema['default']}"
    return str(told)


def _returns(response: dict[str, Any]) -> str | None:
    reference = response["content"].get("application/json", {}).get("schema", {}).get("$ref")
    return reference.removeprefix(REF) if reference else None

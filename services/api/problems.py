"""Errors as problem documents (RFC 9457): never a traceback, never HTML."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import psycopg
import psycopg_pool
import redis
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from shared.errors import EngineError, UsageError

MEDIA_TYPE = "application/problem+json"


class ProblemError(HTTPException):
    """An answer that is a problem document."""


def problem(status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:  # noqa: ANN401
    """A problem document for ``status``."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def install(app: FastAPI) -> None:
    """Have ``app`` answer every error with a problem document."""

    def http_error(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return problem(error.status_code, str(error.detail), headers=dict(error.headers or {}))

    def bad_request(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        errors = [
            {"where": ".".join(str(part) for part in item["loc"]), "what": item["msg"]} for item in error.errors()
        ]
        return problem(422, f"{errors[0]['where']}: {errors[0]['what']}", errors=errors)

    def usage(_: Request, error: Exception) -> JSONResponse:
        return problem(400, str(error))

    def unavailable(_: Request, error: Exception) -> JSONResponse:
        return problem(503, f"an engine does not answer: {type(error).__name__}", headers={"Retry-After": "5"})

    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, bad_request)
    app.add_exception_handler(UsageError, usage)
    for kind in (EngineError, psycopg.OperationalError, psycopg_pool.PoolTimeout, redis.RedisError):
        app.add_exception_handler(kind, unavailable)

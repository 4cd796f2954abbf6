"""Errors as problem documents (RFC 9457), or as a page where a browser opened one: never a traceback."""

from __future__ import annotations

from http import HTTPStatus

import psycopg
import redis
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services.api.edge import CACHE, SECURITY
from services.api.pages import render
from shared.errors import EngineError, UsageError
from shared.records import Record
from shared.wording import one_line

MEDIA_TYPE = "application/problem+json"
MESSAGE_LENGTH = 300
log = structlog.get_logger("api")


class InvalidParameter(Record):
    """One parameter that was refused."""

    where: str
    what: str


class Problem(Record):
    """A problem document (RFC 9457): ``title`` is the same for every error of this ``status``, ``detail`` is not."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: tuple[InvalidParameter, ...] | None = None


class ProblemError(HTTPException):
    """An answer that is a problem document."""


def answer(
    request: Request,
    status: int,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    errors: tuple[InvalidParameter, ...] | None = None,
) -> Response:
    """The problem in the form in which the caller can read it."""
    title = HTTPStatus(status).phrase
    if wants_page(request):
        values = {"status": status, "title": title, "detail": detail}
        response: Response = render(request, "error.html", values, status=status)
    else:
        problem = Problem(title=title, status=status, detail=detail, errors=errors)
        response = JSONResponse(problem.model_dump(mode="json", exclude_none=True), status, media_type=MEDIA_TYPE)
    response.headers.update(headers or {})
    return response


def wants_page(request: Request) -> bool:
    """Whether a person reads this in a browser; the API answers in its own form to everyone."""
    return not request.url.path.startswith("/v1/") and "text/html" in request.headers.get("accept", "")


def install(app: FastAPI) -> None:
    """Have ``app`` answer every error with a problem."""

    def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return answer(request, error.status_code, str(error.detail), headers=dict(error.headers or {}))

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        errors = tuple(
            InvalidParameter(where=".".join(str(part) for part in item["loc"]), what=item["msg"])
            for item in error.errors()
        )
        return answer(request, 422, f"{errors[0].where}: {errors[0].what}", errors=errors)

    def usage(request: Request, error: Exception) -> Response:
        return answer(request, 400, str(error))

    def not_migrated(request: Request, _: Exception) -> Response:
        detail = "the database has no tables yet: wiredesk migrate"
        return answer(request, 503, detail, headers={"Retry-After": "5"})

    def too_slow(request: Request, _: Exception) -> Response:
        return answer(request, 503, "this took too long: narrow it down", headers={"Retry-After": "30"})

    def unavailable(request: Request, error: Exception) -> Response:
        what = "Valkey" if isinstance(error, redis.RedisError) else "PostgreSQL"
        log.warning("an engine does not answer", engine=what, error=one_line(error, most=MESSAGE_LENGTH))
        return answer(request, 503, f"{what} does not answer", headers={"Retry-After": "5"})

    def defect(request: Request, _: Exception) -> Response:
        # Starlette logs the traceback, and sends this outside of all other layers.
        detail = "this is a defect of Wiredesk; its log says more"
        return answer(request, 500, detail, headers={**SECURITY, **CACHE})

    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, refused)
    app.add_exception_handler(UsageError, usage)
    app.add_exception_handler(psycopg.errors.UndefinedTable, not_migrated)
    app.add_exception_handler(psycopg.errors.QueryCanceled, too_slow)
    for kind in (EngineError, psycopg.OperationalError, redis.RedisError):
        app.add_exception_handler(kind, unavailable)
    app.add_exception_handler(Exception, defect)

"""The console's pages: templates that escape whatever they are given, and what all of them show."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.api import prose

HERE = Path(__file__).parent


@cache
def stylesheet() -> str:
    """The one style sheet."""
    return (HERE / "static" / "console.css").read_text("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "blocks": prose.blocks,
        "day": prose.day,
        "direction": prose.direction,
        "language_name": prose.language_name,
        "lead": prose.lead,
        "link": prose.link,
        "moment": prose.moment,
        "sentence": prose.sentence,
        "spans": prose.spans,
        "thousands": prose.thousands,
        "words": prose.words,
    }
    # In the address of the style sheet, so that browsers may keep it for long and still see a new one at once.
    environment.globals["style_version"] = hashlib.sha256(stylesheet().encode()).hexdigest()[:12]
    return environment


def render(request: Request, name: str, values: dict[str, Any], *, status: int = 200) -> HTMLResponse:
    """The page ``name`` with ``values``."""
    setting = request.app.state.context.settings.dashboard_url
    page = _environment().get_template(name)
    return HTMLResponse(page.render({"dashboard": dashboard_link(setting, request), **values}), status)


def dashboard_link(setting: str | None, request: Request) -> str | None:
    """Where rq-dashboard is for this browser: as set, with ``{host}`` for the name it reached this page under."""
    if setting is None:
        return None
    host = request.url.hostname or "localhost"
    return prose.link(setting.replace("{host}", f"[{host}]" if ":" in host else host))

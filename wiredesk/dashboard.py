"""rq-dashboard over our queues: the real one, told about JSON jobs, for looking only.

Its buttons that delete or requeue are refused: the ledger issues lost work again by itself, and rq-dashboard guards its
buttons against no forged request. Its pages put text into themselves as it is, and ours comes from feeds: they are
served with the escaping that they lack.
"""

from __future__ import annotations

import importlib.util
import logging
import re
import secrets
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from jinja2 import BaseLoader

from shared import queues
from shared.errors import UsageError
from shared.ports import check_port
from shared.settings import Settings

if TYPE_CHECKING:
    import redis
    from flask import Flask
    from jinja2 import Environment

USER = "wiredesk"
THREADS = 4
# Underscore compiles its templates with `new Function`; everything else that runs is a file of its own, or the one
# script that bears the nonce. Handlers in attributes (`onerror`) never run.
_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# Its own way of escaping, in two of some thirty places: escaped twice, `&` would be shown as `&amp;`.
_ESCAPED_BY_JQUERY = re.compile(r"\$\('<div/>'\)\.text\(([\w.]+)\)\.html\(\)")


def installed() -> bool:
    """Whether the extra is there."""
    return all(importlib.util.find_spec(name) is not None for name in ("rq_dashboard", "waitress", "six"))


def run(settings: Settings, *, redis_url: str, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT.

    :raises UsageError: in one line, when the extra is missing or the port is taken.
    """
    if not installed():
        raise UsageError("rq-dashboard is not installed: pip install 'wiredesk[dashboard]'")
    import waitress  # noqa: PLC0415 - an extra

    check_port(host, port, setting="WIREDESK_DASHBOARD_PORT")
    app = create_app(queues.connect(redis_url), password=settings.dashboard_password)
    # Its word for a browser that asks for two things at once.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    waitress.serve(app, host=host, port=port, threads=THREADS, ident=None)


def escaping(source: str) -> str:
    """A page or script of rq-dashboard 0.9 so that whatever it shows is shown as text.

    Underscore's ``<%= %>`` puts a value in as HTML, ``<%- %>`` as text. Flask escapes in ``.html`` only, and a script
    writes the queue's name, which is whatever stands in the address, between quotes.
    """
    source = _ESCAPED_BY_JQUERY.sub(r"\1", source).replace("<%=", "<%-")
    source = source.replace("'{{ queue.name }}'", "{{ queue.name|tojson }}")
    return source.replace('<script type="text/javascript">', '<script nonce="{{ nonce() }}">')


class _EscapingLoader(BaseLoader):
    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, path, is_fresh = self._loader.get_source(environment, template)
        return escaping(source), path, is_fresh


def create_app(client: redis.Redis, *, password: str | None) -> Flask:
    """rq-dashboard as a WSGI application on ``client``; with a password, it asks for it (user ``wiredesk``)."""
    from flask import Flask, Response, g, request  # noqa: PLC0415 - an extra
    from rq_dashboard import default_settings, web  # noqa: PLC0415 - an extra

    # Under its name, because its pages ask for the application's own scripts and styles.
    app = Flask("rq_dashboard")
    app.config.from_object(default_settings)
    # Only named on the page: the connection is ours, which also speaks Unix sockets and Sentinel.
    app.config["RQ_DASHBOARD_REDIS_URL"] = ("wiredesk",)
    app.config["RQ_DASHBOARD_DISABLE_DELETE"] = True
    app.redis_conn = client  # type: ignore[attr-defined]  # where rq-dashboard looks for it
    # Its list of workers ignores its own setting and would unpickle the jobs that run: with JSON jobs a server error
    # whenever a worker is busy, and with whatever somebody else put into Valkey, worse.
    web.config.serializer = queues.JSONSerializer
    web.Worker = queues.KnownWorker

    @app.before_request
    def guard() -> Response | None:
        given = request.authorization
        if password and not (
            given is not None
            and secrets.compare_digest(f"{given.username}:{given.password}".encode(), f"{USER}:{password}".encode())
        ):
            return Response("a password is needed\n", 401, {"WWW-Authenticate": 'Basic realm="rq-dashboard"'})
        if request.method in ("GET", "HEAD") and not request.path.startswith("/requeue"):
            return None
        return Response("this dashboard is for looking: the scheduler issues lost work again by itself\n", 405)

    @app.after_request
    def restrict(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = _POLICY.format(nonce=nonce())
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    def nonce() -> str:
        if "nonce" not in g:
            g.nonce = secrets.token_urlsafe(16)
        return str(g.nonce)

    app.jinja_env.globals["nonce"] = nonce
    assert app.jinja_env.loader is not None
    app.jinja_env.loader = _EscapingLoader(app.jinja_env.loader)
    app.register_blueprint(web.blueprint)
    # rq-dashboard's own hook would parse the URL and connect anew at every request.
    hooks = app.before_request_funcs["rq_dashboard"]
    hooks[:] = [hook for hook in hooks if hook.__name__ != "push_rq_connection"]
    return app

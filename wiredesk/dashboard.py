"""rq-dashboard over our queues: the real one, told about JSON jobs, without the buttons that delete."""

from __future__ import annotations

import importlib.util

from shared import queues
from shared.errors import UsageError
from shared.settings import Settings

USER = "wiredesk"


def installed() -> bool:
    """Whether the extra is there."""
    return importlib.util.find_spec("rq_dashboard") is not None


def run(settings: Settings, *, redis_url: str, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT.

    :raises UsageError: in one line, when the extra is missing or the port is taken.
    """
    if not installed():
        raise UsageError("rq-dashboard is not installed: pip install 'wiredesk[dashboard]'")
    import logging  # noqa: PLC0415

    from flask import Flask  # noqa: PLC0415 - an extra
    from rq.serializers import JSONSerializer  # noqa: PLC0415, TID251 - the dashboard's own setting
    from rq_dashboard import default_settings  # noqa: PLC0415 - an extra
    from rq_dashboard.cli import add_basic_auth  # noqa: PLC0415 - an extra
    from rq_dashboard.web import blueprint, config  # noqa: PLC0415 - an extra

    from services.api.service import check_port  # noqa: PLC0415

    check_port(host, port, setting="WIREDESK_DASHBOARD_PORT")
    app = Flask("wiredesk-dashboard")
    app.config.from_object(default_settings)
    # Only named on the page; the connection is ours, which also speaks Unix sockets and Sentinel. rq-dashboard would
    # open a new one from this for every request, so it is kept from it below.
    app.config["RQ_DASHBOARD_REDIS_URL"] = ("wiredesk",)
    app.config["RQ_DASHBOARD_DISABLE_DELETE"] = True
    app.redis_conn = queues.connect(redis_url)
    config.serializer = JSONSerializer
    if settings.dashboard_password:
        add_basic_auth(blueprint, USER, settings.dashboard_password)
    app.register_blueprint(blueprint)
    keep_connection(app)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app.run(host=host, port=port, threaded=True, use_reloader=False)


def keep_connection(app: object) -> None:
    """Take rq-dashboard's own ``push_rq_connection`` out: it would parse the URL and connect anew at every request."""
    hooks = getattr(app, "before_request_funcs", {}).get("rq_dashboard", [])
    hooks[:] = [hook for hook in hooks if hook.__name__ != "push_rq_connection"]

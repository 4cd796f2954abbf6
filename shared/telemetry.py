"""Logs: structured events, JSON lines in containers and plain lines on a terminal, always on stderr."""

from __future__ import annotations

import logging
import re
import sys

import structlog

from shared.settings import Settings

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def configure_logging(settings: Settings, *, service: str) -> None:
    """Send this process's logs, and those of its libraries, through structlog with the service's name on each."""
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    shared_steps: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _escape_controls,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if as_json else structlog.dev.ConsoleRenderer()
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared_steps,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # RQ logs four lines a job at INFO and every request is its own line in httpx: the ledger says it better.
    for noisy in ("rq", "rq.worker", "rq.job", "httpx", "httpcore", "trafilatura", "htmldate", "py3langid", "hpack"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*shared_steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)


def _escape_controls(
    _logger: structlog.typing.WrappedLogger, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """What a site says must neither end the line nor speak to the terminal (ESC, CSI)."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", value)
    return event

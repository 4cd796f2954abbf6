#!/usr/bin/env python
"""Whether this container's service does its work: what the health checks of ``compose.yaml`` run.

Exit code 0, or 1 and the reason on stdout, which ``docker inspect`` shows. A worker is healthy while RQ has a fresh
heartbeat of it, the scheduler while one of them leads, the API while it is ready to serve. Imports wait until a check
needs them: this runs for ever, twice a minute, in every container.
"""

from __future__ import annotations

import sys

PAGES = {"api": (8700, "/readyz"), "dashboard": (9181, "/")}
SECONDS = 5


def problem(service: str) -> str | None:
    """What is wrong with ``service``, ``None`` when nothing is."""
    if service in PAGES:
        return _page_problem(*PAGES[service])
    return _leader_problem() if service == "scheduler" else _worker_problem(service)


def _page_problem(port: int, path: str) -> str | None:
    import http.client  # noqa: PLC0415

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    connection.request("GET", path)
    response = connection.getresponse()
    # 401: the dashboard asks for its password, so it lives.
    return None if response.status in (200, 401) else f"{response.status} {response.read(300).decode(errors='replace')}"


def _leader_problem() -> str | None:
    from shared.database import connect  # noqa: PLC0415
    from shared.settings import get_settings  # noqa: PLC0415

    with connect(get_settings().database_url or "") as connection:
        row = connection.execute("SELECT 1 FROM leadership WHERE expires_at > now()").fetchone()
    return None if row else "no scheduler leads"


def _worker_problem(service: str) -> str | None:
    import socket  # noqa: PLC0415

    from shared import queues  # noqa: PLC0415
    from shared.settings import get_settings  # noqa: PLC0415

    with queues.connect(get_settings().redis_url or "") as client:
        alive = queues.has_worker(client, f"{service}-{socket.gethostname()}-")
    return None if alive else "no heartbeat of a worker"


def main() -> None:
    """Check the service that the first argument names."""
    try:
        found = problem(sys.argv[1])
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        found = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
    if found:
        print(found)  # noqa: T201 - docker inspect shows stdout
        sys.exit(1)


if __name__ == "__main__":
    main()

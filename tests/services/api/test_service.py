"""The API as a process: it serves, drains when asked to stop, and says in one line why it cannot start."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.errors import UsageError
from shared.ports import check_port

# What `wiredesk api` does around it belongs to the command; the last line shows that the caller goes on afterwards.
PROGRAM = """
import sys
from services.api.service import run
from shared.settings import Settings
run(Settings(), redis_url=sys.argv[1], database_url=sys.argv[2], host="127.0.0.1", port=int(sys.argv[3]))
print("stopped in order")
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def process(redis_url: str, database_url: str, port: int) -> Iterator[subprocess.Popen[str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WIREDESK_")}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, redis_url, database_url, str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield running
        finally:
            running.kill()


def wait_until_ready(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except ConnectionRefusedError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise AssertionError("the API did not get ready")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_asked_to_stop(redis_url: str, database_url: str, number: signal.Signals) -> None:
    port = free_port()
    with process(redis_url, database_url, port) as running:
        wait_until_ready(port)
        running.send_signal(number)
        output, errors = running.communicate(timeout=10)
    assert (running.returncode, output) == (0, "stopped in order\n")
    assert "Traceback" not in errors


def test_a_taken_port_is_one_line_that_names_the_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(UsageError, match="WIREDESK_API_PORT") as caught:
            check_port("127.0.0.1", taken.getsockname()[1], setting="WIREDESK_API_PORT")
        assert "\n" not in str(caught.value)


def test_an_address_of_another_machine_is_refused_in_one_line() -> None:
    with pytest.raises(UsageError, match=r"192\.0\.2\.1"):
        check_port("192.0.2.1", 8700, setting="WIREDESK_API_PORT")

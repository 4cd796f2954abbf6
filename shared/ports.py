"""Whether a port can be listened on, asked before anything else is started."""

from __future__ import annotations

import socket

from shared.errors import UsageError


def check_port(host: str, port: int, *, setting: str) -> None:
    """Ask whether a port is free.

    :raises UsageError: in one line, naming the setting that mends it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"port {port} on {host} cannot be used ({error.strerror}): choose another one with {setting}"
            ) from None

"""``wiredesk`` and ``python -m wiredesk``."""

from __future__ import annotations

import os

# By it the supervisor tells its workers its process id; it is set nowhere else.
PARENT_VARIABLE = "WIREDESK_SUPERVISOR_PID"
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Run the command line; for a worker of the supervisor, see first to it that it ends with the supervisor."""
    # Taken out: a worker's own children have another parent.
    told = os.environ.pop(PARENT_VARIABLE, "")
    if told.isdecimal():
        die_with_parent(int(told))
    from wiredesk.cli.main import main as run  # noqa: PLC0415 - takes a tenth of a second, in which a parent may die

    run()


def die_with_parent(parent: int) -> None:
    """Have the kernel stop this process when the supervisor dies, however it dies (Linux; elsewhere it lives on).

    :raises SystemExit: when the supervisor is gone already: this process has another parent by now.
    """
    # Every command starts here, only workers come in.
    import contextlib  # noqa: PLC0415
    import ctypes  # noqa: PLC0415
    import signal  # noqa: PLC0415

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit(f"wiredesk: the supervisor (process {parent}) is gone")


if __name__ == "__main__":
    main()

"""The end of an entry whose work broke down again and again."""

from __future__ import annotations

from shared.database import Connection
from shared.ledger.entries import finish
from shared.records import RejectionReason


def fetch_gave_up(connection: Connection, entry_id: int, *, attempts: int, detail: str | None) -> None:
    """A page whose download broke down again and again has failed, so that it cannot end fetchers for ever."""
    finish(
        connection,
        entry_id,
        None,
        state="failed",
        reason="lost",
        detail=f"its download broke down after {attempts} attempts: {detail or 'it did not come back'}",
    )


def parser_gave_up(
    connection: Connection, entry_id: int, *, attempts: int, reason: RejectionReason, detail: str | None
) -> None:
    """A page whose parse broke down again and again is rejected, so that it cannot kill workers for ever."""
    finish(
        connection,
        entry_id,
        None,
        state="rejected",
        reason=reason,
        detail=f"the parser broke down {attempts} times: {detail or 'it did not come back'}",
    )


def index_gave_up(connection: Connection, entry_id: int, *, attempts: int, detail: str | None) -> None:
    """A result that could not be written again and again has failed: that is our defect, and shows as one."""
    finish(
        connection,
        entry_id,
        None,
        state="failed",
        reason="index_failed",
        detail=f"writing the result broke down {attempts} times: {detail or 'it did not come back'}",
    )

"""Leader election: several schedulers may be started, one decides.

The leader holds a row that expires. A leader that was paused beyond that is replaced, and steps down when it wakes;
should both act for a moment, row locks and site tokens still let each thing be issued once.
"""

from __future__ import annotations

from shared.database import Database

LEASE_SECONDS = 10


class Leadership:
    """A process's claim to be the one that decides; ``holder`` must be unique to it."""

    def __init__(self, database: Database, holder: str, *, name: str = "scheduler") -> None:
        self._database = database
        self._holder = holder
        self._name = name

    def hold(self) -> bool:
        """Become or stay the leader; false while another one is."""
        with self._database.transaction() as connection:
            row = connection.execute(
                """
                INSERT INTO leadership (name, holder, expires_at)
                VALUES (%(name)s, %(holder)s, now() + make_interval(secs => %(lease)s))
                ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
                WHERE leadership.holder = excluded.holder OR leadership.expires_at < now()
                RETURNING holder
                """,
                {"name": self._name, "holder": self._holder, "lease": LEASE_SECONDS},
            ).fetchone()
        return row is not None

    def step_down(self) -> None:
        """Let another one lead at once."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM leadership WHERE name = %s AND holder = %s", [self._name, self._holder])

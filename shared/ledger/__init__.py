"""The ledger: one row for each URL ever discovered, and what may be done about it next.

PostgreSQL is the queue of record; RQ only executes. All times are the database's own ``now()``, so that workers
whose clocks disagree still agree about leases. See ``docs/decisions/0002-ledger.md``.
"""

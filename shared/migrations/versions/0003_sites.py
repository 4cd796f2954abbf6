"""How the pages of sites are read: looks at each, and alerts about sites beside those about feeds."""

from alembic import op

revision = "0003"
down_revision = "0002"

LOOKS = """
-- the last look at how a site's pages are read beside how they were read before (shared/drift.py)
CREATE TABLE site_looks (
    site text PRIMARY KEY,
    looked_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL CHECK (state IN ('steady', 'changed', 'unsure', 'too_few', 'new_parser')),
    told text NOT NULL,
    pages_before int NOT NULL,
    pages_now int NOT NULL,
    -- each mark with its share before, now, and the share that it may have
    measures jsonb NOT NULL,
    -- since when it is found changed, and whether that is an alarm by now
    changed_since timestamptz,
    alarm boolean NOT NULL DEFAULT false
);
CREATE INDEX site_looks_alarm ON site_looks (site) WHERE alarm;
"""

# Concurrently: workers of the release before may be at work, and the ledger may have millions of rows. It stands alone
# and first, so that a migration that is broken off, here or later, can be run again.
INDEX = (
    # One that was broken off is there and of no use.
    "DROP INDEX CONCURRENTLY IF EXISTS entries_site_finished",
    # what a site's entries came to, in the order of time
    "CREATE INDEX CONCURRENTLY entries_site_finished ON entries (site, finished_at) WHERE finished_at IS NOT NULL",
)

ALERTS = """
-- what somebody should know about a feed, or about a site
ALTER TABLE alerts
    ALTER COLUMN feed_id DROP NOT NULL,
    ADD COLUMN site text,
    ADD CONSTRAINT alerts_about_one CHECK (num_nonnulls(feed_id, site) = 1);
CREATE UNIQUE INDEX alerts_open_site ON alerts (site, kind) WHERE closed_at IS NULL AND site IS NOT NULL;
"""


def upgrade() -> None:
    """Create the table and the indexes, and let alerts be about sites."""
    with op.get_context().autocommit_block():
        for statement in INDEX:
            op.execute(statement)
    for script in (LOOKS, ALERTS):
        op.execute(script)

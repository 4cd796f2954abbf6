"""Sitemap indexes, moved and merged feeds, requests with secrets, push, and alerts."""

from alembic import op

revision = "0002"
down_revision = "0001"

FEEDS = """
ALTER TABLE feeds
    ADD COLUMN format text,
    -- the sitemap index that lists it; a part that is no longer listed is removed from polling
    ADD COLUMN parent_id bigint REFERENCES feeds,
    -- why a part is not polled where nobody asked for that: its index may bring it back
    ADD COLUMN retired text CHECK (retired IN ('delisted', 'stale', 'index')),
    -- a permanent redirect that was seen, until it is trusted: where to, how often, since when
    ADD COLUMN redirect jsonb,
    -- what another feed's documents had in common with this one's, until both are trusted to be one, and the feeds
    -- that an operator keeps apart from it
    ADD COLUMN twin jsonb;
CREATE INDEX feeds_parent ON feeds (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX feeds_same_as ON feeds (same_as) WHERE same_as IS NOT NULL;
CREATE INDEX feeds_body ON feeds (body_sha256) WHERE status = 'active' AND body_sha256 IS NOT NULL;

-- where a feed was before: nobody adds it there a second time
CREATE TABLE feed_aliases (
    url_key text PRIMARY KEY,
    url text NOT NULL,
    feed_id bigint NOT NULL REFERENCES feeds ON DELETE CASCADE,
    reason text NOT NULL,
    since timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX feed_aliases_feed ON feed_aliases (feed_id);

-- what is sent along with a feed's requests: secrets, so in no other table, answer, log or job
CREATE TABLE feed_requests (
    feed_id bigint PRIMARY KEY REFERENCES feeds ON DELETE CASCADE,
    -- whom they are for: a feed may move, its secrets do not move with it
    origin text NOT NULL,
    headers jsonb NOT NULL DEFAULT '{}',
    cookies jsonb NOT NULL DEFAULT '{}',
    username text,
    password text,
    proxy text,
    for_pages boolean NOT NULL DEFAULT false
);
"""

PUSH = """
-- WebSub: what was asked of a feed's hub, and what it answered; a feed has one that is not ending
CREATE TABLE subscriptions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed_id bigint NOT NULL REFERENCES feeds ON DELETE CASCADE,
    hub text NOT NULL,
    -- the hub's site, whose budget the requests count against
    site text NOT NULL,
    topic text NOT NULL,
    -- the unguessable part of the callback's address
    token text NOT NULL,
    secret text NOT NULL,
    state text NOT NULL DEFAULT 'wanted' CHECK (
        state IN ('wanted', 'asked', 'active', 'denied', 'ending', 'ended')),
    detail text,
    -- requests since the hub last confirmed anything
    attempts smallint NOT NULL DEFAULT 0,
    asked_at timestamptz,
    verified_at timestamptz,
    lease_ends_at timestamptz,
    last_push_at timestamptz,
    pushes bigint NOT NULL DEFAULT 0,
    bad_signatures bigint NOT NULL DEFAULT 0,
    -- a poll found what the hub should have delivered: until it delivers again, the feed is polled as without it
    missed_at timestamptz,
    -- waiting documents were dropped: the feed itself must be asked
    overflowed boolean NOT NULL DEFAULT false,
    -- the next poll is later than it would be without push
    slows boolean NOT NULL DEFAULT false,
    -- when the feed's next poll was due, where a push has made it due at once
    poll_due_at timestamptz,
    -- the next moment to ask the hub for something, nothing when null
    due_at timestamptz DEFAULT now(),
    leased_at timestamptz,
    lease bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX subscriptions_feed ON subscriptions (feed_id) WHERE state NOT IN ('ending', 'ended');
-- looked up by the first part, compared as a whole in constant time
CREATE UNIQUE INDEX subscriptions_token ON subscriptions (left(token, 16));
CREATE INDEX subscriptions_due ON subscriptions (site, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX subscriptions_lease_ends ON subscriptions (lease_ends_at) WHERE state IN ('active', 'ending');

-- documents that hubs have delivered, until a poll has taken them
CREATE TABLE pushes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed_id bigint NOT NULL REFERENCES feeds ON DELETE CASCADE,
    content_type text,
    body bytea NOT NULL,
    -- polls that have begun to read it: one that ends fetchers must not end every poll of its feed
    tries smallint NOT NULL DEFAULT 0,
    received_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX pushes_feed ON pushes (feed_id, id);
"""

ALERTS = """
-- what somebody should know about a feed: opened once, closed when it is over
CREATE TABLE alerts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed_id bigint NOT NULL REFERENCES feeds ON DELETE CASCADE,
    kind text NOT NULL,
    detail text,
    opened_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz
);
CREATE UNIQUE INDEX alerts_open ON alerts (feed_id, kind) WHERE closed_at IS NULL;
CREATE INDEX alerts_open_newest ON alerts (id) WHERE closed_at IS NULL;
"""


def upgrade() -> None:
    """Create the tables."""
    for script in (FEEDS, PUSH, ALERTS):
        op.execute(script)

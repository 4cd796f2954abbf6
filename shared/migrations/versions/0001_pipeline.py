"""Feeds, the ledger, articles with their versions, and the change feed."""

from alembic import op

revision = "0001"
down_revision = None

FEEDS = """
CREATE TABLE feeds (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url text NOT NULL,
    url_key text NOT NULL UNIQUE,
    site text NOT NULL,
    title text,
    site_url text,
    language text,
    categories text[] NOT NULL DEFAULT '{}',
    -- a removed feed keeps its row: what it has shown must not come back as new when it is added again
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused', 'removed')),
    -- another row that turned out to be the same feed, and is polled instead of this one
    same_as bigint REFERENCES feeds,
    added_at timestamptz NOT NULL DEFAULT now(),
    etag text,
    last_modified text,
    body_sha256 text,
    poll_state jsonb NOT NULL DEFAULT '{}',
    last_polled_at timestamptz,
    last_success_at timestamptz,
    last_outcome text,
    last_error text,
    -- the next moment to look at this feed: its next poll, or the end of the lease while one is running
    due_at timestamptz NOT NULL DEFAULT now(),
    leased_at timestamptz,
    lease bigint NOT NULL DEFAULT 0,
    -- the last lease under which a fetcher really began: that one may have a request on its way
    claimed bigint,
    lost int NOT NULL DEFAULT 0
);
CREATE INDEX feeds_due ON feeds (site, due_at) WHERE status = 'active';
CREATE INDEX feeds_site_url ON feeds (site_url);
CREATE INDEX feeds_leased ON feeds (site, due_at) WHERE status = 'active' AND leased_at IS NOT NULL;

CREATE TABLE feed_polls (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    feed_id bigint NOT NULL REFERENCES feeds ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT now(),
    outcome text NOT NULL,
    status smallint,
    entries int,
    new_entries int,
    edited_entries int,
    gap boolean NOT NULL DEFAULT false,
    ms int,
    detail text,
    why text NOT NULL,
    next_at timestamptz NOT NULL
);
CREATE INDEX feed_polls_feed ON feed_polls (feed_id, at DESC);
"""

LEDGER = """
CREATE TABLE entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    url text NOT NULL,
    url_key text NOT NULL UNIQUE,
    site text NOT NULL,
    feed_id bigint NOT NULL REFERENCES feeds,
    title text,
    state text NOT NULL DEFAULT 'discovered' CHECK (
        state IN ('discovered', 'fetched', 'indexed', 'duplicate', 'rejected', 'failed')),
    reason text,
    detail text,
    -- what is to be done next, nothing when null; an indexed entry whose page is looked at again has one too
    stage text CHECK (stage IN ('fetch', 'parse')),
    due_at timestamptz NOT NULL DEFAULT now(),
    leased_at timestamptz,
    lease bigint NOT NULL DEFAULT 0,
    -- the last lease under which a fetcher really began: that one may have a request on its way
    claimed bigint,
    attempts smallint NOT NULL DEFAULT 0,
    rechecks smallint NOT NULL DEFAULT 0,
    -- the feed announced an edit while the page was already on its way: look at it once more afterwards
    stale boolean NOT NULL DEFAULT false,
    page_key text,
    page_sha256 text,
    article_id text,
    discovered_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    timeline jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX entries_fetch_due ON entries (site, due_at) WHERE stage = 'fetch';
CREATE INDEX entries_fetch_leased ON entries (site, due_at) WHERE stage = 'fetch' AND leased_at IS NOT NULL;
CREATE INDEX entries_parse_due ON entries (due_at) WHERE stage = 'parse';
CREATE INDEX entries_feed_day ON entries (feed_id, discovered_at);
CREATE INDEX entries_feed_open ON entries (feed_id) WHERE stage IS NOT NULL;
CREATE INDEX entries_feed_state ON entries (feed_id, state);
CREATE INDEX entries_article ON entries (article_id) WHERE article_id IS NOT NULL;

-- one row for each entry that a feed has shown: the feed's identity for it, and the feed's words about it
CREATE TABLE sightings (
    feed_id bigint NOT NULL REFERENCES feeds,
    identity text NOT NULL,
    entry_id bigint NOT NULL REFERENCES entries,
    guid text,
    fingerprint text NOT NULL,
    hints jsonb NOT NULL,
    discovered_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (feed_id, identity)
);
CREATE INDEX sightings_entry ON sightings (entry_id);

-- when a site next has something that may be issued, so that finding work costs nothing for sites that must wait
CREATE TABLE sites (
    site text PRIMARY KEY,
    due_at timestamptz,
    -- the site asked to be left alone until then (429, 503, Retry-After)
    held_until timestamptz,
    -- whether a feed was issued last: with both waiting, feeds and pages take turns
    fed boolean NOT NULL DEFAULT false
);
CREATE INDEX sites_due ON sites (due_at) WHERE due_at IS NOT NULL;
-- what the scheduler has not yet moved to sites: writers only append, so they neither wait nor deadlock
CREATE TABLE wakeups (
    site text NOT NULL,
    due_at timestamptz NOT NULL
);

CREATE TABLE leadership (
    name text PRIMARY KEY,
    holder text NOT NULL,
    expires_at timestamptz NOT NULL
);
"""

ARTICLES = """
CREATE TABLE articles (
    id text PRIMARY KEY,
    url text NOT NULL,
    url_key text NOT NULL UNIQUE,
    domain text NOT NULL,
    language text,
    title text,
    published_at timestamptz,
    indexed_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- newest first without articles from the future on top: the earlier of publication and indexing
    sort_at timestamptz NOT NULL,
    version int NOT NULL,
    seq bigint NOT NULL,
    content_sha256 text NOT NULL,
    ts_config regconfig NOT NULL,
    tsv tsvector NOT NULL
);
CREATE INDEX articles_latest ON articles (sort_at DESC, id DESC);
CREATE INDEX articles_domain ON articles (domain, sort_at DESC);
-- a source is asked for with its subdomains, which share their end
CREATE INDEX articles_domain_backwards ON articles (reverse(domain) text_pattern_ops);
CREATE INDEX articles_language ON articles (language, sort_at DESC);
CREATE INDEX articles_tsv ON articles USING gin (tsv);

CREATE TABLE article_versions (
    article_id text NOT NULL REFERENCES articles ON DELETE CASCADE,
    version int NOT NULL,
    reason text NOT NULL,
    record jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (article_id, version)
);
ALTER TABLE entries ADD FOREIGN KEY (article_id) REFERENCES articles;

CREATE TABLE events (
    seq bigint PRIMARY KEY,
    type text NOT NULL,
    article_id text NOT NULL,
    version int NOT NULL,
    at timestamptz NOT NULL
);
-- one row: the last seq given out. Taking the next one locks it until commit, which makes the order of seq the
-- order of commits and leaves no gap when a transaction rolls back; a plain sequence gives neither.
CREATE TABLE event_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    seq bigint NOT NULL
);
INSERT INTO event_head (seq) VALUES (0);
"""


def upgrade() -> None:
    """Create the tables."""
    for script in (FEEDS, LEDGER, ARTICLES):
        op.execute(script)

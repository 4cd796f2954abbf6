"""Dates that stand in the page itself, and those that must not be read out of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.parser import extract
from shared.records import Article, EntryHints

URL = "https://bote.example/lokales/4711-bruecke/"
NOW = datetime(2022, 6, 1, 12, 0, tzinfo=UTC)


def read(body: bytes, *, url: str = URL, now: datetime | None = NOW) -> Article:
    found = extract(body, url=url, now=now)
    assert isinstance(found, Article)
    return found


def test_a_page_whose_only_date_is_a_copyright_year_has_none(page):
    assert read(page()).published_at is None


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="last-modified" content="2022-05-20T10:00:00+02:00">',
        '<meta property="og:updated_time" content="2022-05-20T10:00:00+02:00">',
        '<meta itemprop="copyrightYear" content="2021">',
    ],
)
def test_what_says_nothing_of_publication_is_not_taken_for_it(page, head):
    assert read(page(head=head)).published_at is None


@pytest.mark.parametrize("text", ["Mai 2022", "05/2022", "2022-05", "Stand: 2021"])
def test_a_month_or_year_is_not_made_into_its_first_day(page, text):
    assert read(page(before=f'<div class="date">{text}</div>')).published_at is None


@pytest.mark.parametrize(
    ("before", "url", "source"),
    [
        ('<div class="date">20.05.2022</div>', URL, "page"),
        ('<p class="meta">20. Mai 2022</p>', URL, "page"),
        ('<span class="publish-date">May 20, 2022</span>', URL, "page"),
        ("<p>Von Jördis Häßler | 20.05.2022</p>", URL, "page"),
        ("<p>Veröffentlicht am 20. Mai 2022</p>", URL, "page"),
        ("<div>Stand: 20.05.2022</div>", URL, "page"),
        ("<p>Übersee, 20. Mai 2022</p>", URL, "page"),
        ("", "https://bote.example/2022/05/20/bruecke", "url"),
        ("", "https://bote.example/lokales/bruecke-20220520.html", "url"),
    ],
)
def test_a_day_that_stands_in_the_page_or_its_address_is_found(page, before, url, source):
    found = read(page(before=before), url=url)

    assert found.published_at == datetime(2022, 5, 20, tzinfo=UTC)
    assert found.published_precision == "day"
    assert found.provenance["published_at"].source == source


def test_a_marked_time_is_believed_before_a_search(page):
    before = '<time itemprop="datePublished" datetime="2022-05-20T01:30:00+03:00">20. Mai</time><p>19.05.2022</p>'

    found = read(page(before=before))

    assert found.published_at == datetime(2022, 5, 19, 22, 30, tzinfo=UTC)
    assert found.provenance["published_at"].source == "microdata"


@pytest.mark.parametrize("source", ["jsonld", "meta", "search"])
def test_tomorrow_on_the_other_side_of_the_date_line_is_not_another_day(page, source):
    day = (NOW + timedelta(days=1)).date().isoformat()
    raw = f"{day}T01:00:00+13:00"
    head = {
        "jsonld": f'<script type="application/ld+json">{{"@type":"NewsArticle","datePublished":"{raw}"}}</script>',
        "meta": f'<meta property="article:published_time" content="{raw}">',
        "search": "",
    }[source]
    before = f'<div class="date">{day}</div>' if source == "search" else ""

    found = read(page(head=head, before=before))

    assert found.published_at is not None
    assert found.provenance["published_at"].raw in {raw, day}
    assert "date_suspect" not in found.quality.flags


def test_the_bound_moves_with_the_fetch_and_not_with_the_clock_of_this_machine(page):
    """trafilatura's own bound is the local today: a cached one goes stale, and the same page gives another answer."""
    body = page(before='<div class="date">20.05.2031</div>')

    assert read(body, now=datetime(2031, 5, 21, tzinfo=UTC)).published_at == datetime(2031, 5, 20, tzinfo=UTC)
    assert read(body, now=datetime(2031, 5, 1, tzinfo=UTC)).published_at is None
    assert read(body, now=None).published_at == datetime(2031, 5, 20, tzinfo=UTC)


def test_a_future_date_is_flagged_and_kept_as_a_candidate(page):
    found = read(page(head='<meta property="article:published_time" content="2099-01-01T00:00:00Z">'))

    assert found.published_at is None
    assert "date_suspect" in found.quality.flags
    assert found.provenance["published_at"].candidates[0].value == "2099-01-01T00:00:00Z"


def test_the_modification_is_kept_apart(page):
    head = (
        '<meta property="article:published_time" content="2022-05-20T07:00:00+02:00">'
        '<meta property="article:modified_time" content="2022-05-20T09:30:00+02:00">'
    )
    found = read(page(head=head))

    assert found.modified_at == datetime(2022, 5, 20, 7, 30, tzinfo=UTC)
    assert found.provenance["modified_at"].source == "article:modified_time"


EVENT = "Das Konzert zur Eröffnung findet am 20.05.2022 auf der alten Fähre statt, der Eintritt ist frei."
TEASER = '<li><a href="/lokales/1/">Als die alte Fähre sank</a> <span class="date">19.05.2022</span></li>'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"<p>{EVENT}</p>", ""),
        ("<p>Konzert am <strong>20.05.2022</strong> auf der Fähre</p>", ""),
        ('<div class="event-date">20.05.2022</div>', ""),
        ("", f"<aside><h3>Mehr</h3><ul>{TEASER}</ul></aside>"),
        ("", f'<div class="sidebar"><ul>{TEASER}</ul></div>'),
        (
            "",
            '<div class="comments"><p class="comment">Anna, <time datetime="2022-05-21">21.05.2022</time></p></div>',
        ),
        ("", '<div class="comment"><time itemprop="datePublished" datetime="2022-05-21">21.05.2022</time></div>'),
        ("<figure><figcaption>Die Fähre, 20.05.2022</figcaption></figure>", ""),
        ("<p>Zuletzt aktualisiert am 20.05.2022</p>", ""),
        ('<time class="updated" datetime="2022-05-20T10:00:00+02:00">20. Mai 2022</time>', ""),
        ("<p>Lesezeit: 3 Minuten</p>", ""),
    ],
)
def test_a_date_of_something_else_is_not_the_publications(page, before, after):
    assert read(page(before=before, after=after)).published_at is None


def test_a_comments_date_does_not_go_before_the_articles(page):
    after = '<div class="comment"><time itemprop="datePublished" datetime="2022-05-21">21.05.2022</time></div>'

    found = read(page(before='<div class="date">20.05.2022</div>', after=after))

    assert found.published_at == datetime(2022, 5, 20, tzinfo=UTC)


def test_of_several_labelled_dates_the_publication_is_taken(page):
    before = "<p>Aktualisiert: 25.05.2022, erstellt: 20.05.2022</p>"

    assert read(page(before=before)).published_at == datetime(2022, 5, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "lang", "url", "day"),
    [
        ("05/06/2022", "en-US", "https://herald.example/a", 6),
        ("05/06/2022", "en-GB", "https://herald.example/a", None),
        ("05/04/2022", "en-GB", "https://herald.example/a", 5),
        ("05/04/2022", "en", "https://herald.co.uk/a", 5),
        ("05/04/2022", "es", "https://diario.example/a", 5),
        ("05/04/2022", "en", "https://herald.example/a", None),
        ("22.04.05", "ko", "https://ilbo.example/a", 5),
    ],
)
def test_day_and_month_are_told_apart_by_how_the_page_writes_dates(page, raw, lang, url, day):
    """5 June 2022 is ahead of the fetch; 6 May and 5 April are not."""
    found = read(page(before=f'<div class="date">{raw}</div>', lang=lang), url=url)

    assert (found.published_at.day if found.published_at else None) == day


def test_what_could_be_two_days_is_settled_by_another_witness(page):
    head = '<meta name="datePublished" content="05/04/2022">'

    alone = read(page(head=head, lang="en"))
    beside = read(page(head=head, before='<p class="date">April 5, 2022</p>', lang="en"))

    assert alone.published_at is None
    assert beside.published_at == datetime(2022, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "lang", "at", "precision"),
    [
        ("vor 5 Minuten", "de", datetime(2022, 6, 1, 11, 55, tzinfo=UTC), "minute"),
        ("vor 2 Stunden", "de", datetime(2022, 6, 1, tzinfo=UTC), "day"),
        ("gestern", "de", datetime(2022, 5, 31, tzinfo=UTC), "day"),
        ("vor 3 Stunden", "de", datetime(2022, 6, 1, tzinfo=UTC), "day"),
    ],
)
def test_a_marked_date_may_count_back_from_the_fetch(page, text, lang, at, precision):
    found = read(page(before=f'<span class="date">{text}</span>', lang=lang))
    unmarked = read(page(before=f"<span>{text}</span>", lang=lang))
    without_now = read(page(before=f'<span class="date">{text}</span>', lang=lang), now=None)

    assert (found.published_at, found.published_precision) == (at, precision)
    assert unmarked.published_at is None
    assert without_now.published_at is None


def test_the_page_shows_on_which_day_its_readers_saw_an_instant_in_utc(page):
    head = '<meta property="article:published_time" content="2022-05-20T01:00:21Z">'

    found = read(page(head=head, before="<p>Published 8:00 PM EST, Thu May 19, 2022</p>", lang="en-US"))

    assert found.published_at == datetime(2022, 5, 20, 1, 0, 21, tzinfo=UTC)
    assert found.provenance["published_at"].offset == "-05:00"


def linked(published: str, modified: str) -> str:
    return (
        '<script type="application/ld+json">{"@type": "NewsArticle", '
        f'"datePublished": "{published}", "dateModified": "{modified}"}}</script>'
    )


@pytest.mark.parametrize(
    ("shown", "url", "at"),
    [
        ("20. Mai 2022, 10:00", URL, datetime(2022, 5, 20, 8, tzinfo=UTC)),
        ("Aktualisiert am 20. Mai 2022, 10:00", URL, datetime(2019, 3, 30, 8, tzinfo=UTC)),
        ("21. Mai 2022", URL, datetime(2019, 3, 30, 8, tzinfo=UTC)),
        ("20. Mai 2022, 10:00", "https://bote.example/2019/03/30/regenjacken", datetime(2019, 3, 30, 8, tzinfo=UTC)),
    ],
)
def test_a_page_that_is_published_anew_has_the_date_that_it_prints(page, shown, url, at):
    head = linked("2019-03-30T09:00:00+01:00", "2022-05-20T10:00:00+02:00")

    found = read(page(head=head, before=f'<div class="date">{shown}</div>'), url=url)

    assert found.published_at == at
    if at.year == 2022:
        said = found.provenance["published_at"]
        assert (said.source, said.offset) == ("page", "+02:00")
        assert ("jsonld", "2019-03-30T09:00:00+01:00") in [(one.source, one.value) for one in said.candidates]
        assert "date_suspect" in found.quality.flags


def test_a_page_stays_published_when_its_feed_says_so(page):
    head = linked("2019-03-30T09:00:00+01:00", "2022-05-20T10:00:00+02:00")
    entry = EntryHints(published_raw="Sat, 30 Mar 2019 09:00:00 +0100")

    found = extract(page(head=head, before='<div class="date">20. Mai 2022</div>'), url=URL, entry=entry, now=NOW)

    assert isinstance(found, Article)
    assert found.published_at == datetime(2019, 3, 30, 8, tzinfo=UTC)


def test_what_is_printed_goes_before_the_making_of_the_file(page):
    head = '<meta name="DC.date" content="2022-05-02">'

    assert read(page(head=head)).published_at == datetime(2022, 5, 2, tzinfo=UTC)
    assert read(page(head=head, before='<div class="date">20.05.2022</div>')).published_at == datetime(
        2022, 5, 20, tzinfo=UTC
    )


def test_both_dates_keep_their_words_offset_and_precision(page):
    found = read(page(head=linked("2022-05-20T07:00+02:00", "2022-05-20T12:30:15+05:45")))

    published, modified = found.provenance["published_at"], found.provenance["modified_at"]
    assert (published.raw, published.offset, published.precision) == ("2022-05-20T07:00+02:00", "+02:00", "minute")
    assert (modified.raw, modified.offset, modified.precision) == ("2022-05-20T12:30:15+05:45", "+05:45", "second")


@pytest.mark.parametrize(
    ("modified", "suspect"), [("2022-05-20T06:50:00+02:00", False), ("2022-05-02T06:50:00Z", True)]
)
def test_a_change_long_before_publication_is_flagged(page, modified, suspect):
    found = read(page(head=linked("2022-05-20T07:00:00+02:00", modified)))

    assert found.modified_at is None
    assert ("date_suspect" in found.quality.flags) is suspect


TODAY = "1. Juni 2022"


@pytest.mark.parametrize(
    "head",
    [
        f"<header><div class='today'>{TODAY}</div></header>",
        f"<header><div class='datum'>Mittwoch, {TODAY}</div></header>",
        f"<div class='top-bar'><span class='current-date'>{TODAY}</span></div>",
        f"<header><span>Mi, {TODAY} · 7°C</span></header>",
        f"<div><time>{TODAY}</time></div>",
    ],
)
def test_the_date_of_the_reader_is_not_the_articles(page, head):
    body = page().replace(b"<body>", f"<body>{head}".encode())

    assert head.encode() in body
    assert read(body).published_at is None


@pytest.mark.parametrize(
    "said",
    [
        "Born: 24 November 1981",
        "Geboren: 24.11.1981",
        "Founded 14 May 1999",
        "Release date: 14 May 1999",
        "Next meeting: 14 May 2022",
        "Concert, 14 May 2022, Town Hall",
        "Comments (24 May 2022)",
        "Archive / 14 May 1999",
        "14 May 1999 – 20 May 1999",
        "Privacy policy (effective May 25, 2018)",
        "Licensed since 2001-03-04",
        "Page generated 2022-05-31 10:00",
        "<b>Kick-off:</b> 14 May 2022",
        "Kick-off: <time>14 May 2022</time>",
        "Available until:<br>14 May 2022",
    ],
)
def test_a_date_among_other_words_is_that_of_what_they_tell_of(page, said):
    for wrapped in (f"<p>{said}</p>", f"<div>{said}</div>"):
        assert read(page(before=wrapped)).published_at is None
        assert read(page().replace(b"</body>", f"<footer>{wrapped}</footer></body>".encode())).published_at is None


def test_a_bare_date_at_the_foot_of_the_page_is_nobodys(page):
    foot = b"<footer><p>20. Mai 2022</p></footer></body>"

    assert read(page().replace(b"</body>", foot)).published_at is None


@pytest.mark.parametrize(
    "said",
    [
        "Friday, 20 May 2022",
        "By John Smith, 20 May 2022",
        "News | 20 May 2022 | 5 min read",
        "<a href='/a'>Jane Doe</a> / 20 May 2022",
        "dpa am 20.05.2022",
        "20 May 2022 // Jane Doe",
    ],
)
def test_a_date_may_stand_with_its_weekday_author_section_and_reading_time(page, said):
    assert read(page(before=f"<p>{said}</p>")).published_at == datetime(2022, 5, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "zero",
    ["1899-12-30", "1900-01-01", "1904-01-01", "1901-12-13T20:45:52Z", "1980-01-01", "1970-01-02", "0001-01-01"],
)
def test_an_empty_field_of_a_database_is_no_date_and_is_told(page, zero):
    found = read(page(head=f'<meta property="article:published_time" content="{zero}">'))

    assert found.published_at is None
    assert [one.value for one in found.provenance["published_at"].candidates] == [zero]


@pytest.mark.parametrize(
    "url",
    ["http://[::1", "https://a.example/\ud800", "http://a:99999999/", "http://[v1.x]/", "//", "\x00", "http://[]/"],
)
def test_no_address_makes_it_raise(page, url):
    assert extract(page(), url=url, now=NOW).model_dump_json()

"""What comes out of RSS, RDF and Atom documents."""

from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest

from services.fetcher.errors import NotAFeedError
from services.fetcher.reader import read_feed
from shared.errors import WiredeskError
from shared.records import EntryAuthor, EntryImage, FeedEntry, ParsedFeed

URL = "https://paper.example/feeds/all.xml"
RDF = b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>%b</rdf:RDF>"
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'


def rss(items: str, channel: str = "", *, namespaces: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {namespaces}><channel><title>Paper</title>'
        f"<link>https://paper.example/</link>{channel}{items}</channel></rss>"
    ).encode()


def atom(entries: str, head: str = "") -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Paper</title>{head}{entries}</feed>'.encode()


def read(body: bytes, **options: str | int) -> ParsedFeed:
    return read_feed(body, url=URL, **options)  # type: ignore[arg-type]


def item(inner: str, *, namespaces: str = "") -> FeedEntry:
    """The one entry of an RSS 2.0 feed."""
    (entry,) = read(rss(f"<item><guid isPermaLink='false'>1</guid>{inner}</item>", namespaces=namespaces)).entries
    return entry


def test_an_rss_feed_describes_itself() -> None:
    feed = read(
        rss(
            "",
            "<language>de-DE</language><atom:link rel='self' href='https://paper.example/rss'/>"
            "<atom:link rel='hub' href='https://hub.example/'/>",
            namespaces="xmlns:atom='http://www.w3.org/2005/Atom'",
        )
    )
    assert (feed.format, feed.title, feed.site_url) == ("rss20", "Paper", "https://paper.example/")
    assert (feed.language, feed.self_url, feed.hub_urls) == (
        "de-DE",
        "https://paper.example/rss",
        ("https://hub.example/",),
    )
    assert (feed.entries, feed.skipped, feed.problems) == ((), 0, ())


def test_an_atom_entry_comes_out_whole() -> None:
    (entry,) = read(
        atom(
            """<entry xml:lang="fr"><id>tag:paper.example,2026:1</id><title type="html">A &amp;amp; B</title>
            <link rel="alternate" href="/news/1"/><link rel="enclosure" type="audio/mpeg" href="/1.mp3"/>
            <author><name>Ann</name><uri>https://paper.example/ann</uri></author>
            <category term="politics" label="Politics"/><summary>Short &lt; long</summary>
            <content type="html">&lt;p&gt;Long&lt;/p&gt;</content>
            <published>2026-11-24T08:00:00+11:00</published><updated>2026-11-24T09:30:00+11:00</updated></entry>"""
        )
    ).entries
    assert entry == FeedEntry(
        entry_id="tag:paper.example,2026:1",
        link="https://paper.example/news/1",
        title="A & B",
        summary="Short &lt; long",
        content="<p>Long</p>",
        authors=(EntryAuthor(name="Ann", url="https://paper.example/ann"),),
        tags=("Politics",),
        language="fr",
        published_at=datetime(2026, 11, 23, 21, tzinfo=UTC),
        published_precision="second",
        published_raw="2026-11-24T08:00:00+11:00",
        updated_at=datetime(2026, 11, 23, 22, 30, tzinfo=UTC),
        updated_precision="second",
        updated_raw="2026-11-24T09:30:00+11:00",
        enclosures=("https://paper.example/1.mp3",),
    )


@pytest.mark.parametrize(
    ("body", "format_"),
    [
        (b"<rss version='0.91'><channel><item><title>A</title></item></channel></rss>", "rss091u"),
        (b"<rss version='0.92'><channel><item><title>A</title></item></channel></rss>", "rss092"),
        (RDF % b"<channel/><item><title>A</title></item>", "rss10"),
        (b"<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title>A</title></entry></feed>", "atom03"),
        (b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>A</title></entry></feed>", "atom10"),
    ],
)
def test_every_version_is_read_and_named(body: bytes, format_: str) -> None:
    feed = read(body)
    assert feed.format == format_
    assert [entry.title for entry in feed.entries] == ["A"]


# Links and ids


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("https://other.example/a", "https://other.example/a"),
        ("/a", "https://paper.example/a"),
        ("//cdn.example/a", "https://cdn.example/a"),
        ("a.html", "https://paper.example/a.html"),
        ("\n  https://paper.example/a\n", "https://paper.example/a"),
        ("https://paper.example/?a=1&amp;copy=2", "https://paper.example/?a=1&copy=2"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("", None),
    ],
)
def test_a_link_is_made_whole(link: str, found: str | None) -> None:
    assert item(f"<link>{link}</link>").link == found


def test_a_guid_is_a_link_only_when_it_is_one() -> None:
    body = rss(
        "<item><guid>https://paper.example/1</guid></item><item><guid>138977</guid></item>"
        "<item><guid isPermaLink='false'>https://paper.example/3</guid></item>"
    )
    assert [entry.link for entry in read(body).entries] == ["https://paper.example/1", None, None]


def test_a_guid_is_the_link_of_an_entry_that_only_has_an_enclosure_beside_it() -> None:
    body = rss("<item><guid>https://paper.example/1</guid><link/><enclosure url='/1.mp3' type='audio/mpeg'/></item>")
    assert read(body).entries[0].link == "https://paper.example/1"


def test_tags_beyond_reason_are_cut_and_said_so() -> None:
    feed = read(rss(f"<item><guid>1</guid>{''.join(f'<category>{n}</category>' for n in range(150))}</item>"))
    assert len(feed.entries[0].tags) == 100
    assert "more than 100" in feed.problems[0]


def test_a_guid_is_kept_as_it_is_wherever_the_feed_comes_from() -> None:
    body = rss("<item><guid>138977</guid></item>")
    assert [read_feed(body, url=url).entries[0].entry_id for url in (None, URL, "https://b.example/")] == ["138977"] * 3


def test_rdf_about_is_the_link_when_there_is_no_other() -> None:
    (entry,) = read(RDF % b"<item rdf:about='https://paper.example/1'><title>A</title></item>").entries
    assert entry.link == "https://paper.example/1"


def test_the_page_wins_over_other_alternates() -> None:
    (entry,) = read(
        atom(
            "<entry><id>1</id><link rel='alternate' type='application/pdf' href='/1.pdf'/>"
            "<link rel='alternate' type='text/html' href='/1'/><link rel='related' href='/2'/></entry>"
        )
    ).entries
    assert entry.link == "https://paper.example/1"


def test_xml_base_counts_before_the_feed_s_address() -> None:
    (entry,) = read(atom("<entry xml:base='https://base.example/x/'><id>1</id><link href='1'/></entry>")).entries
    assert entry.link == "https://base.example/x/1"


def test_the_link_behind_feedburner_s_counter_is_taken() -> None:
    entry = item(
        "<link>https://feedproxy.example/~r/1</link><fb:origLink>https://paper.example/1</fb:origLink>",
        namespaces="xmlns:fb='http://rssnamespace.org/feedburner/ext/1.0'",
    )
    assert entry.link == "https://paper.example/1"


def test_without_an_address_relative_links_lead_nowhere() -> None:
    (entry,) = read_feed(b"<rss><channel><item><title>A</title><link>/a</link></item></channel></rss>").entries
    assert entry.link is None


# Words


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("Rock &amp; Roll", "Rock & Roll"),
        ("Rock &amp;amp; Roll", "Rock & Roll"),
        ("<![CDATA[<b>Bold</b> &#8222;so&#8220;]]>", "Bold „so“"),
        ("  two\n  lines ", "two lines"),
        ("1 &lt; 2", "1 < 2"),
        ("<![CDATA[One<br>two</br>]]>", "One two"),
        ("", None),
    ],
)
def test_a_title_is_plain_text(title: str, plain: str | None) -> None:
    assert item(f"<title>{title}</title>").title == plain


def test_an_atom_title_that_is_text_keeps_its_brackets() -> None:
    (entry,) = read(atom("<entry><id>1</id><title>How &lt;b&gt; works</title></entry>")).entries
    assert entry.title == "How <b> works"


def test_stored_markup_can_do_no_harm() -> None:
    entry = item(
        "<description><![CDATA[<p onclick='x()'>a<script>alert(1)</script><a href='javascript:x()'>b</a>"
        "<iframe src='https://x.example'></iframe><img src='/a.jpg' onerror='x()'></p>]]></description>"
    )
    assert entry.summary is not None
    assert "a" in entry.summary
    assert '<img src="/a.jpg">' in entry.summary
    for trace in ("script", "onclick", "onerror", "javascript", "iframe"):
        assert trace not in entry.summary


def test_description_and_full_text_are_kept_apart() -> None:
    entry = item(
        "<description>Short</description><c:encoded><![CDATA[<p>Long</p>]]></c:encoded>",
        namespaces="xmlns:c='http://purl.org/rss/1.0/modules/content/'",
    )
    assert (entry.summary, entry.content) == ("Short", "<p>Long</p>")


def test_full_text_alone_is_not_the_summary_too() -> None:
    entry = item(
        "<c:encoded><![CDATA[<p>Long</p>]]></c:encoded>",
        namespaces="xmlns:c='http://purl.org/rss/1.0/modules/content/'",
    )
    assert (entry.summary, entry.content) == (None, "<p>Long</p>")


def test_content_that_is_no_text_is_left_out() -> None:
    (entry,) = read(atom("<entry><id>1</id><content type='image/png'>iVBORw0KGgo=</content></entry>")).entries
    assert entry.content is None


def test_content_beyond_reason_is_cut_and_said_so() -> None:
    feed = read(rss(f"<item><guid>1</guid><description>{'word ' * 200_000}</description></item>"))
    assert len(feed.entries[0].summary or "") == 499_999
    assert feed.problems == ("content cut to 500000 characters",)


def test_authors_are_names() -> None:
    entry = item(
        "<dc:creator>Ann</dc:creator><dc:creator>Bo</dc:creator><dc:creator>Ann</dc:creator>",
        namespaces="xmlns:dc='http://purl.org/dc/elements/1.1/'",
    )
    assert [author.name for author in entry.authors] == ["Ann", "Bo"]


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ("ann@paper.example (Ann)", "Ann"),
        ("Ann Lee &lt;ann@paper.example&gt;", "Ann Lee"),
        ("Ann Lee (ann@paper.example)", "Ann Lee"),
        ("Ann Lee (Berlin)", "Ann Lee (Berlin)"),
        ("Ann @annlee", "Ann @annlee"),
    ],
)
def test_an_author_s_address_is_not_the_name(author: str, name: str) -> None:
    assert item(f"<author>{author}</author>").authors == (EntryAuthor(name=name),)


def test_an_address_alone_names_nobody() -> None:
    assert item("<author>newsroom@paper.example</author>").authors == ()


def test_atom_entries_inherit_the_feed_s_author() -> None:
    # RFC 4287, 4.2.1
    feed = read(
        atom(
            "<entry><id>1</id></entry><entry><id>2</id><author><name>Bo</name></author></entry>",
            "<author><name>Ann</name></author>",
        )
    )
    assert [[author.name for author in entry.authors] for entry in feed.entries] == [["Ann"], ["Bo"]]


def test_tags_come_once() -> None:
    entry = item("<category>A &amp; B</category><category>C</category><category>C</category><category/>")
    assert entry.tags == ("A & B", "C")


# Dates: their many forms are in test_reader_dates


def test_only_dc_date_is_when_an_entry_was_published() -> None:
    entry = item("<dc:date>2026-11-24T08:00:00Z</dc:date>", namespaces="xmlns:dc='http://purl.org/dc/elements/1.1/'")
    assert (entry.published_at, entry.updated_at) == (datetime(2026, 11, 24, 8, tzinfo=UTC), None)


def test_an_update_alone_is_no_publication() -> None:
    (entry,) = read(atom("<entry><id>1</id><updated>2026-11-24T08:00:00Z</updated></entry>")).entries
    assert (entry.published_at, entry.published_raw) == (None, None)
    assert entry.updated_at == datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_a_publication_alone_is_no_update() -> None:
    entry = item("<pubDate>Tue, 24 Nov 2026 08:00:00 GMT</pubDate>")
    assert entry.published_at is not None
    assert (entry.updated_at, entry.updated_raw) == (None, None)


def test_the_words_of_a_date_are_kept_where_it_means_nothing() -> None:
    entry = item("<pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate>")
    assert (entry.published_at, entry.published_raw) == (None, "Mon, 01 Jan 0001 00:00:00 +0000")


# Pictures


def test_each_picture_has_its_own_caption_and_credit() -> None:
    entry = item(
        """<media:content url="/a.jpg" medium="image" width="640" height="480"><media:credit>AFP</media:credit>
        <media:description>A bridge</media:description></media:content>
        <media:content url="/b.jpg" type="image/jpeg"><media:credit>dpa</media:credit></media:content>
        <media:content url="/film.mp4" type="video/mp4"/><media:thumbnail url="/a.jpg"/><media:thumbnail url="/t.jpg"/>
        <enclosure url="/c.png" type="image/png"/><enclosure url="/d.mp3" type="audio/mpeg"/>""",
        namespaces=MEDIA,
    )
    site = "https://paper.example"
    assert entry.images == (
        EntryImage(url=f"{site}/a.jpg", caption="A bridge", credit="AFP", width=640, height=480),
        EntryImage(url=f"{site}/b.jpg", credit="dpa"),
        EntryImage(url=f"{site}/t.jpg"),
        EntryImage(url=f"{site}/c.png"),
    )
    assert entry.enclosures == (f"{site}/c.png", f"{site}/d.mp3")


@pytest.mark.parametrize("order", [True, False])
def test_the_caption_of_a_picture_is_not_the_text_of_the_entry(order: bool) -> None:
    # feedparser takes whichever description comes second for the entry's content.
    text = "<description>What happened</description>"
    picture = """<media:content url="/a.jpg" medium="image"/><media:credit>AFP</media:credit>
    <media:description>A bridge</media:description>"""
    entry = item(text + picture if order else picture + text, namespaces=MEDIA)
    assert (entry.summary, entry.content) == ("What happened", None)
    assert entry.images == (EntryImage(url="https://paper.example/a.jpg", caption="A bridge", credit="AFP"),)


def test_a_media_description_is_the_summary_where_there_is_no_other() -> None:
    entry = item("<media:group><media:description>A film</media:description></media:group>", namespaces=MEDIA)
    assert entry.summary == "A film"


# How often it wants to be read


def test_hints_are_in_seconds() -> None:
    hints = read(
        rss(
            "",
            "<ttl>60</ttl><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"
            "<skipHours><hour>0</hour><hour>24</hour><hour>7</hour><hour>x</hour></skipHours>"
            "<skipDays><day>Sunday</day><day>saturday</day><day>Caturday</day></skipDays>",
            namespaces="xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'",
        )
    ).hints
    assert (hints.ttl_seconds, hints.syndication_seconds) == (3600, 21_600)
    assert (hints.skip_hours, hints.skip_days) == ((0, 7), ("Saturday", "Sunday"))


@pytest.mark.parametrize("ttl", ["0", "-5", "soon", "", "9" * 50])
def test_a_hint_that_makes_no_sense_is_none(ttl: str) -> None:
    assert read(rss("", f"<ttl>{ttl}</ttl>")).hints.ttl_seconds is None


# How many


def test_entries_beyond_the_limit_are_counted() -> None:
    feed = read(rss("".join(f"<item><guid>{number}</guid></item>" for number in range(25))), max_entries=10)
    assert [entry.entry_id for entry in feed.entries] == [str(number) for number in range(10)]
    assert feed.skipped == 15


def test_empty_entries_can_be_cut_too() -> None:
    feed = read(rss("<item><guid>1</guid></item>" + "<item/>" * 25), max_entries=10)
    assert (len(feed.entries), feed.skipped) == (1, 25)


def test_entries_inside_of_entries_do_not_escape_the_limit() -> None:
    feed = read(rss("<item>" + "<item><guid>1</guid></item>" * 25 + "</item>"), max_entries=10)
    assert len(feed.entries) <= 10
    assert len(feed.entries) + feed.skipped == 26


def test_an_entry_that_nothing_identifies_is_counted_as_skipped() -> None:
    feed = read(rss("<item><description>x</description></item><item><title>A</title></item>"))
    assert [entry.title for entry in feed.entries] == ["A"]
    assert feed.skipped == 1


# What is wrong with it


@pytest.mark.parametrize(
    "body",
    [
        rss("<item><guid>1</guid><title>A &nbsp; B & C</title><link>https://paper.example/?a=1&b=2</link></item>"),
        rss("<item><guid>1</guid><media:thumbnail url='/t.jpg'/></item>"),
        rss("<item><guid>1</guid><description>one<br>two <b>three</description></item>"),
        rss("<item><guid>1</guid><title>A\x0b\x00B&#11;</title></item>"),
        b"\n\n<b>Warning</b>: on line 3" + rss("<item><guid>1</guid></item>"),
        rss("<item><guid>1</guid></item>") + b"<script>counter()</script>",
        b"<rss rss:version=2.0><rss:channel><rss:item><rss:guid>1</rss:guid></rss:item></rss:channel></rss>",
        rss("<item><guid>1</guid></item>", namespaces="xmlns:x='http://x.example/a b'"),
    ],
    ids=["references", "prefix", "unclosed", "control", "warning", "after the end", "bare attributes", "namespace"],
)
def test_a_broken_feed_is_read_all_the_same(body: bytes) -> None:
    feed = read(body)
    assert [entry.entry_id for entry in feed.entries] == ["1"]
    assert feed.problems


def test_broken_text_keeps_its_characters() -> None:
    (entry,) = read(rss("<item><guid>1</guid><title>A &mdash; B & C &copy; < 5</title></item>")).entries
    assert entry.title == "A — B & C © < 5"


def test_half_an_entry_at_the_end_is_left_out_and_counted() -> None:
    body = rss("<item><guid>1</guid></item><item><guid>2</guid><link>https://paper.example/sto")
    feed = read(body[: body.index(b"/sto") + 4])
    assert [entry.entry_id for entry in feed.entries] == ["1"]
    assert feed.skipped == 1
    assert "breaks off in the middle of an entry" in feed.problems


def test_a_document_type_with_names_of_characters_is_fine() -> None:
    body = (
        b'<!DOCTYPE rss [<!ENTITY bull "&#8226;">]>' + rss("<item><title>A &bull; B</title></item>").partition(b"?>")[2]
    )
    assert read(body).entries[0].title == "A • B"


# Characters


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("\ufeff<rss><channel><title>ÄÖ漢</title></channel></rss>".encode(), None),
        ("<rss><channel><title>ÄÖ漢</title></channel></rss>".encode("utf-16"), None),
        (
            "<?xml version='1.0' encoding='gb2312'?><rss><channel><title>ÄÖ漢</title></channel></rss>".encode(
                "gb18030"
            ),
            None,
        ),
        ("<rss><channel><title>ÄÖ漢</title></channel></rss>".encode("gb18030"), "text/xml; charset=GBK"),
        ("<?xml version='1.0' encoding='iso-8859-1'?><rss><channel><title>ÄÖ漢</title></channel></rss>".encode(), None),
        ("<rss><channel><title>ÄÖ漢</title></channel></rss>".encode(), "application/xml; charset=iso-8859-1"),
        ("<rss><channel><title>ÄÖ漢</title></channel></rss>".encode(), "text/xml"),
        ("<?xml version='1.0' encoding='punycode'?><rss><channel><title>ÄÖ漢</title></channel></rss>".encode(), None),
        ("<?xml version='1.0' encoding='idna'?><rss><channel><title>ÄÖ漢</title></channel></rss>".encode(), None),
    ],
    ids=["mark", "utf-16", "declared", "http", "false declaration", "false http", "text/xml", "punycode", "idna"],
)
def test_the_characters_come_out_right(body: bytes, content_type: str | None) -> None:
    assert read_feed(body, content_type=content_type).title == "ÄÖ漢"


def test_the_header_counts_before_the_declaration() -> None:
    # RFC 7303, 3.2
    body = "<?xml version='1.0' encoding='koi8-r'?><rss><channel><title>Привет</title></channel></rss>".encode("cp1251")
    assert read_feed(body, content_type="application/xml; charset=windows-1251").title == "Привет"


def test_western_text_without_a_label_is_read_as_such() -> None:
    assert read_feed("<rss><channel><title>Zürich: „heute“</title></channel></rss>".encode("cp1252")).title == (
        "Zürich: „heute“"
    )


def test_one_broken_byte_does_not_garble_the_rest() -> None:
    body = "<rss><channel><title>Äpfel und Öl in Übersee: größer, schöner, süßer</title></channel></rss>".encode()
    feed = read_feed(body.replace(b"<title>", b"<title>\xff"))
    assert "größer, schöner, süßer" in (feed.title or "")
    assert feed.problems == ("undecodable bytes replaced",)


# What is no feed


@pytest.mark.parametrize(
    ("body", "reason", "found"),
    [
        (b"", "empty", "empty"),
        (b" \r\n\t", "empty", "empty"),
        (b"<!DOCTYPE html><html><head><title>x</title></head></html>", "not_a_feed", "an HTML page"),
        (b"<!-- x --><html lang='de'><p>x", "not_a_feed", "an HTML page"),
        (b"<html xmlns:a='http://www.w3.org/2005/Atom'/>", "not_a_feed", "an HTML page"),
        (b"%PDF-1.7\n%\xe2\xe3", "not_a_feed", "a PDF"),
        (b"\x89PNG\r\n\x1a\n\x00", "not_a_feed", "a PNG image"),
        (b"\x1f\x8b\x08\x00", "malformed", "gzip data that breaks off"),
        (b'{"error": "not found"}', "not_a_feed", "JSON that is no JSON Feed"),
        (b"[1, 2]", "not_a_feed", "JSON that is no JSON Feed"),
        (b"Not found", "not_a_feed", "plain text"),
        (b"<opml version='2.0'><body/></opml>", "not_a_feed", "OPML"),
        (b"<catalog xmlns:a='http://www.w3.org/2005/Atom'><book/></catalog>", "not_a_feed", "<catalog>"),
        (b"<!-- only a comment -->", "not_a_feed", "text"),
        (b"<rss xmlns:a='a&#32;b'><channel/></rss>", "malformed", "beyond repair"),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, reason: str, found: str) -> None:
    with pytest.raises(NotAFeedError) as caught:
        read(body)
    assert caught.value.reason == reason
    assert found in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_body_is_never_taken_for_a_file_or_an_address(tmp_path: object) -> None:
    secret = tmp_path / "feed.xml"  # type: ignore[operator]
    secret.write_bytes(rss("<item><title>secret</title></item>"))
    for body in (str(secret).encode(), f"file://{secret}".encode()):
        with pytest.raises(NotAFeedError, match="plain text"):
            read(body)


def test_the_error_survives_a_process_border() -> None:
    error = NotAFeedError("hostile", "refused")
    other_side = copy.copy(error)
    assert isinstance(other_side, WiredeskError)
    assert (other_side.reason, str(other_side)) == ("hostile", "refused")

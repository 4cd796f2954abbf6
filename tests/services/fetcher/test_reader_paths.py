"""The two ways of reading XML agree, entry by entry and field by field, on every document that the quick one takes."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from benchmarks.feeds import measure
from services.fetcher.reader import sniff
from services.fetcher.reader.build import build
from services.fetcher.reader.charset import decode
from services.fetcher.reader.facts import MalformedXmlError
from services.fetcher.reader.names import UnusualError
from services.fetcher.reader.wellformed import read_well_formed
from services.fetcher.reader.xmlfeed import read_unusual
from shared.records import FeedEntry, ParsedFeed

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "feeds"
URL = "https://paper.example/feeds/all.xml"
# Fields in which the paths may differ, each with the reason. Where feedparser errs it is corrected, so there are none.
PERMITTED: dict[str, str] = {}


NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/DTDs/PodCast-1.0.dtd",
    "fb": "http://rssnamespace.org/feedburner/ext/1.0",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "x": "http://x.example/ns",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())


def quick(xml: bytes, max_entries: int = 2000) -> ParsedFeed | None:
    """What the quick path makes of a document; ``None`` where it leaves it to the other."""
    try:
        return build(read_well_formed(xml, max_entries=max_entries), url=URL)
    except UnusualError:
        return None


def slow(xml: bytes, max_entries: int = 2000) -> ParsedFeed:
    return build(read_unusual(xml, max_entries=max_entries), url=URL)


def comparable(feed: ParsedFeed) -> dict[str, object]:
    dump = feed.model_dump(exclude={"entries"}) | {"count": len(feed.entries)}
    for number, entry in enumerate(feed.entries):
        dump |= {
            f"entries.{number}.{name}": value for name, value in entry.model_dump().items() if name not in PERMITTED
        }
    return dump


def first_element_on(path: Path) -> bytes:
    text = decode(path.read_bytes())[0]
    return text[sniff.skip_prolog(text) :].encode("utf-8", "replace")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample feeds (../shared/data/feeds) are not here")
@pytest.mark.parametrize(
    ("pattern", "least"),
    [
        ("real/*", 94),
        ("feedparser/wellformed/**/*", 1580),
        ("feedparser/encoding/**/*", 160),
        ("feedvalidator/**/*", 1750),
    ],
)
def test_both_agree_on_every_sample_that_the_quick_one_takes(pattern: str, least: int) -> None:
    agreed = 0
    for path in sorted(path for path in SAMPLES.glob(pattern) if path.is_file()):
        xml = first_element_on(path)
        try:
            found = quick(xml)
        except MalformedXmlError:
            continue
        if found is not None:
            assert comparable(found) == comparable(slow(xml)), path.name
            agreed += 1
    assert agreed >= least


PATHS = {"quick": quick, "slow": slow}


@pytest.fixture(params=PATHS)
def read(request: pytest.FixtureRequest) -> Callable[[bytes], ParsedFeed]:
    """Each of the two paths."""

    def reader(xml: bytes) -> ParsedFeed:
        found = PATHS[request.param](xml)
        assert found is not None
        return found

    return reader


Read = Callable[[bytes], ParsedFeed]


def rss(inner: str) -> bytes:
    return f'<rss version="2.0" {DECLARED}><channel><title>T</title>{inner}</channel></rss>'.encode()


def atom(inner: str) -> bytes:
    return f'<feed xmlns="{NAMESPACES["atom"]}" {DECLARED}>{inner}</feed>'.encode()


def entry_of(read: Read, inner: str) -> FeedEntry:
    (entry,) = read(rss(f"<item><guid isPermaLink='false'>1</guid>{inner}</item>")).entries
    return entry


def test_content_encoded_reaches_the_entry(read: Read) -> None:
    entry = entry_of(read, "<description>Short</description><content:encoded>&lt;p>Long&lt;/p></content:encoded>")
    assert (entry.summary, entry.content) == ("Short", "<p>Long</p>")


def test_authors_reach_the_entry(read: Read) -> None:
    entry = entry_of(read, "<dc:creator>Ann</dc:creator><author>bo@paper.example (Bo)</author>")
    assert [author.name for author in entry.authors] == ["Ann", "Bo"]
    person = "<author><name>Ann</name><uri>https://paper.example/ann</uri><email>a@b.example</email></author>"
    (entry,) = read(atom(f"<entry><id>1</id>{person}<author><name>Bo</name></author></entry>")).entries
    assert [(author.name, author.url) for author in entry.authors] == [
        ("Ann", "https://paper.example/ann"),
        ("Bo", None),
    ]


def test_categories_reach_the_entry(read: Read) -> None:
    inner = (
        "<category domain='d'>A</category><dc:subject>B</dc:subject><itunes:keywords>c, d</itunes:keywords>"
        "<media:category label='E'>e</media:category><category>A</category>"
    )
    assert entry_of(read, inner).tags == ("A", "B", "c", "d", "E")


def test_the_language_reaches_the_entry(read: Read) -> None:
    assert entry_of(read, "<dc:language>de_AT</dc:language>").language == "de-AT"
    feed = read(
        b'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de">'
        b'<entry><id>1</id><title xml:lang="fr">a</title></entry>'
        b'<entry xml:lang="en"><id>2</id><title>b</title></entry><entry><id>3</id><title>c</title></entry></feed>'
    )
    assert [entry.language for entry in feed.entries] == ["fr", "en", "de"]
    assert feed.language == "de"


def test_updated_times_reach_the_entry(read: Read) -> None:
    entry = entry_of(read, "<pubDate>2026-11-24</pubDate><dcterms:modified>2026-11-25T08:00:00Z</dcterms:modified>")
    assert (entry.published_raw, entry.updated_raw) == ("2026-11-24", "2026-11-25T08:00:00Z")
    assert entry_of(read, "<dc:date>2026-11-24</dc:date>").published_raw == "2026-11-24"
    both = entry_of(read, "<dc:date>2026-11-24</dc:date><atom:updated>2026-11-25</atom:updated>")
    assert (both.published_raw, both.updated_raw) == ("2026-11-24", "2026-11-25")


def test_media_and_enclosures_reach_the_entry(read: Read) -> None:
    entry = entry_of(
        read,
        """<media:group><media:credit>AFP</media:credit><media:content url="https://paper.example/a.jpg" medium="image"
        width="640" height="480"><media:description>A bridge</media:description></media:content></media:group>
        <media:thumbnail url="https://paper.example/t.jpg"/>
        <enclosure url="https://paper.example/a.mp3" type="audio/mpeg" length="1"/>""",
    )
    assert [(image.url[-5:], image.caption, image.credit, image.width) for image in entry.images] == [
        ("a.jpg", "A bridge", "AFP", 640),
        ("t.jpg", None, "AFP", None),
    ]
    assert entry.enclosures == ("https://paper.example/a.mp3",)


# What feedparser has wrong by itself


def test_the_first_element_says_the_format_and_not_the_first_namespace(read: Read) -> None:
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    both = 'xmlns:atom="http://www.w3.org/2005/Atom" xmlns="http://purl.org/rss/1.0/"'
    date = 'xmlns:dc="http://purl.org/dc/elements/1.1/"><title>x</title><dc:date>2026-11-24</dc:date>'
    feed = read(f"<rdf:RDF {both} {rdf}><channel/><item {date}</item></rdf:RDF>".encode())
    assert (feed.format, feed.entries[0].published_raw) == ("rss10", "2026-11-24")
    rss10 = 'xmlns:rss="http://purl.org/rss/1.0/"'
    assert read(f'<rss version="2.0" {rss10}><channel/></rss>'.encode()).format == "rss20"
    assert read(f'<feed {rss10} xmlns="http://www.w3.org/2005/Atom"/>'.encode()).format == "atom10"


def test_a_base_counts_inside_of_its_element_only(read: Read) -> None:
    feed = read(
        atom(
            "<entry xml:base='https://base.example/x/'><id>urn:1</id><link href='1'/></entry>"
            "<entry><id>urn:2</id><link href='2'/></entry>"
        )
    )
    assert [entry.link for entry in feed.entries] == ["https://base.example/x/1", "https://paper.example/feeds/2"]


def test_the_first_title_wins_whatever_stands_between(read: Read) -> None:
    source = "<source url='https://other.example/'>Other</source>"
    assert entry_of(read, f"<title>A</title>{source}<media:title>B</media:title>").title == "A"
    assert read(rss("<item><title>x</title></item><dc:title>B</dc:title>")).title == "T"


def test_a_caption_is_no_description(read: Read) -> None:
    caption = (
        "<media:content url='/a.jpg' medium='image'><media:description>A bridge</media:description></media:content>"
    )
    entry = entry_of(
        read, f"<description>What happened</description>{caption}<media:description>Both</media:description>"
    )
    assert (entry.summary, entry.content) == ("What happened", None)


def test_one_author_s_name_is_not_the_other_s(read: Read) -> None:
    feed = read(atom("<entry><id>1</id><author>Ann</author><author><name>Bo</name></author></entry>"))
    assert [author.name for author in feed.entries[0].authors] == ["Ann", "Bo"]


def test_a_summary_of_the_feed_changes_nothing_for_its_first_entry(read: Read) -> None:
    inner = "<item><title>a</title><description>One</description><itunes:summary>Two</itunes:summary></item>"
    feed = read(rss(f"<itunes:summary>s</itunes:summary><description>d</description>{inner * 2}"))
    assert {(entry.summary, entry.content) for entry in feed.entries} == {("One", "Two")}


def test_nonsense_for_a_place_does_not_cost_the_feed() -> None:
    gml = 'xmlns:gml="http://www.opengis.net/gml" xmlns:georss="http://www.georss.org/georss"'
    xml = rss(
        f'<item {gml}><title>x</title><georss:where><gml:Point srsName="EPSG:x"><gml:pos>1 2</gml:pos></gml:Point>'
        "</georss:where><georss:point>nowhere</georss:point></item>"
    )
    assert [entry.title for entry in slow(xml).entries] == ["x"]
    assert quick(xml) == slow(xml)


@pytest.mark.parametrize(
    "inner",
    [
        "<item><description>one <b>two</b></description></item>",
        "<item><content type='image/png'>iVBORw0KGgo=</content></item>",
        "<item><body xmlns='http://www.w3.org/1999/xhtml'><p>x</p></body></item>",
        "<item><title mode='base64'>eA==</title></item>",
        "<item><item/></item>",
        "<item xmlns:media='urn:other'><media:title>x</media:title></item>",
        "<item><title xmlns='urn:other'>x</title></item>",
        "<item><x:author>Ann</x:author></item>",
        "<item><category x:term='a'/></item>",
        "<item><image><title>x</title></image></item>",
        "<newlocation>https://new.example/</newlocation>",
        "<item><link>a\x7fb</link></item>",
        "<item><link XMLNS='http://www.w3.org/2005/Atom' href='/a'/></item>",
    ],
)
def test_what_is_unusual_is_left_to_feedparser(inner: str) -> None:
    assert quick(rss(inner)) is None
    assert slow(rss(inner)).format == "rss20"


def test_a_tree_that_would_be_large_is_not_built() -> None:
    assert quick(rss("<a/>" * 600_000)) is None
    assert quick(rss(f"<item><title>x</title><description><![CDATA[{'<a b=c>' * 600_000}]]></description></item>"))


words = st.sampled_from(
    [
        "",
        " ",
        "Words",
        "Two\n  lines",
        "AT&T",
        "1 < 2",
        "Ã¤ and Â",
        "caf\xe9",
        "\x93quoted\x94",
        "漢字",
        "<b>Bold</b> &amp; more",
        "<p>One</p><p>Two <a href='/x'>link</a></p>",
        "&lt;b&gt;",
        "a </b> b",
        "ann@paper.example (Ann)",
        "Ann Lee",
        "plain &nbsp; text",
    ]
)
addresses = st.sampled_from(
    [
        "https://paper.example/1",
        "/2",
        "3.html",
        "//cdn.example/4",
        "",
        "http:///host/5",
        "mailto:a@b.example",
        "a b",
        "?q=1&copy=2",
    ]
)
dates = st.sampled_from(
    [
        "Tue, 24 Nov 2026 08:00:00 +1100",
        "Tue, 24 Nov 2026 08:00:00 GMT",
        "2026-11-24T08:00:00+11:00",
        "2026-11-24T08:00:00Z",
        "2026-11-24T08:00:00.123Z",
        "2026-11-24",
        "24.11.2026 08:00",
        "Mon, 01 Jan 0001 00:00:00 +0000",
        "Tue, 31 Feb 2026 08:00:00 GMT",
        "soon",
        "",
    ]
)
kinds = st.sampled_from(["", "text", "html", "text/html", "text/plain", "TEXT/HTML", "plain"])
languages = st.sampled_from(["", "de", "en_GB", "fr-CA", "no language"])


def attributes(**values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Some of these attributes, with values of theirs."""
    return st.fixed_dictionaries({}, optional=values).map(
        lambda found: "".join(f" {name.replace('_', ':')}={quoteattr(value)}" for name, value in found.items())
    )


COMMON = attributes(xml_lang=languages, xml_base=st.just("https://base.example/x/"), lang=languages)
COMMON_SOMETIMES = st.one_of(st.just(""), st.just(""), st.just(""), COMMON)


@st.composite
def texts(draw: st.DrawFn) -> str:
    text = draw(words)
    return f"<![CDATA[{text}]]>" if draw(st.booleans()) else escape(text)


def element(name: str, content: st.SearchStrategy[str], *more: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(content, COMMON_SOMETIMES, *more).map(
        lambda parts: f"<{name}{''.join(parts[1:])}>{parts[0]}</{name}>"
    )


def any_of(names: str, content: st.SearchStrategy[str], *more: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of([element(name, content, *more) for name in names.split()])


links = st.one_of(
    any_of("link atom:link", addresses.map(escape)),
    st.tuples(
        st.sampled_from(["link", "atom:link"]),
        attributes(
            href=addresses,
            rel=st.sampled_from(["alternate", "self", "enclosure", "related", "hub", "Alternate", "license"]),
            type=st.sampled_from(["text/html", "application/pdf", "audio/mpeg", "image/png", "xhtml"]),
        ),
    ).map(lambda parts: f"<{parts[0]}{parts[1]}/>"),
)
xhtml = st.sampled_from(
    [
        '<div xmlns="http://www.w3.org/1999/xhtml"><p>One &amp; <b class="x">two</b><br/></p></div>',
        ' <xhtml:div xmlns:xhtml="http://www.w3.org/1999/xhtml">a<xhtml:em>b</xhtml:em> c</xhtml:div> ',
        "bare &lt;text>",
        '<p xmlns="http://www.w3.org/1999/xhtml">no division</p> tail',
    ]
)
people = st.one_of(
    element("author", texts()),
    st.tuples(texts(), addresses.map(escape)).map(
        lambda parts: f"<atom:author><atom:name>{parts[0]}</atom:name><atom:uri>{parts[1]}</atom:uri></atom:author>"
    ),
    any_of("dc:creator itunes:author", texts()),
)
media_inner = st.lists(
    st.one_of(
        any_of("media:title media:description media:credit media:text media:keywords", texts(), attributes(type=kinds))
    ),
    max_size=3,
).map("".join)
media_attributes = attributes(
    url=addresses,
    medium=st.sampled_from(["image", "video"]),
    type=st.sampled_from(["image/png", "video/mp4", ""]),
    width=st.sampled_from(["640", "wide"]),
    height=st.just("480"),
)
pictures = st.one_of(
    element("media:content", media_inner, media_attributes),
    element("media:thumbnail", st.just(""), media_attributes),
    any_of(
        "media:title media:description media:credit media:text media:keywords media:category",
        texts(),
        attributes(type=kinds),
    ),
    element("media:group", media_inner),
    st.tuples(media_attributes).map(lambda parts: f"<enclosure{parts[0]}/>"),
)
entry_parts = st.one_of(
    links,
    links,
    any_of(
        "title dc:title description summary content dc:description itunes:summary abstract",
        texts(),
        attributes(type=kinds),
    ),
    any_of("content:encoded title description", texts()),
    element("content", xhtml, st.just(' type="xhtml"')),
    element(
        "guid", addresses.map(escape), attributes(isPermaLink=st.sampled_from(["true", "false", "FALSE", " false", ""]))
    ),
    any_of("id", addresses.map(escape)),
    any_of("pubDate published issued dc:date updated modified dcterms:issued dcterms:modified created", dates),
    people,
    any_of("category dc:subject", texts(), attributes(term=words, scheme=words, label=words, domain=words)),
    any_of("itunes:keywords media:keywords", st.sampled_from(["a, b,,a", "", "one"])),
    any_of("language dc:language", languages),
    any_of("fb:origLink", addresses.map(escape)),
    any_of("comments slash:comments x:thing generator rights", texts()),
    st.just('<source url="https://other.example/">Other</source>'),
    pictures,
)
head_parts = st.one_of(
    links,
    any_of("title dc:title media:title", texts(), attributes(type=kinds)),
    any_of("description itunes:summary subtitle copyright x:thing", texts()),
    any_of("language dc:language", languages),
    any_of("id guid", addresses.map(escape)),
    element("ttl", st.sampled_from(["60", "0", "soon"])).filter(lambda text: "ttl>" in text),
    people,
    st.just(
        "<image><url>https://paper.example/i.png</url><title>Logo</title><link>https://logo.example/</link></image>"
    ),
    st.just("<skipHours><hour>3</hour><hour>24</hour></skipHours><skipDays><day>Sunday</day></skipDays>"),
    element("category", texts()),
    any_of("lastBuildDate pubDate", dates),
)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    heads = draw(st.lists(head_parts, max_size=5))
    entries = draw(st.lists(st.lists(entry_parts, max_size=9), max_size=3))
    root_attributes = draw(COMMON_SOMETIMES)
    form = draw(st.sampled_from(["rss", "rss", "atom", "atom", "rdf", "atom03"]))
    name = "entry" if form.startswith("atom") else "item"
    items = [f"<{name}{draw(COMMON_SOMETIMES)}>{''.join(parts)}</{name}>" for parts in entries]
    top, bottom = "".join(heads), "".join(items)
    if form == "rss":
        version = draw(st.sampled_from(["2.0", "0.91", "0.92", "3"]))
        xml = f'<rss version="{version}" {DECLARED}{root_attributes}><channel>{top}{bottom}</channel></rss>'
    elif form == "rdf":
        rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xml = (
            f'<rdf:RDF xmlns:rdf="{rdf}" xmlns="http://purl.org/rss/1.0/" {DECLARED}{root_attributes}>'
            f"<channel>{top}</channel>{bottom}</rdf:RDF>"
        )
    else:
        uri = NAMESPACES["atom"] if form == "atom" else "http://purl.org/atom/ns#"
        declared = DECLARED if form == "atom" else DECLARED.replace(NAMESPACES["atom"], uri)
        xml = f'<feed xmlns="{uri}" version="0.3" {declared}{root_attributes}>{top}{bottom}</feed>'
    return xml.encode()


@settings(
    max_examples=400,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(documents())
def test_both_agree_on_feeds_of_every_kind(xml: bytes) -> None:
    found = quick(xml)
    if found is not None:
        assert comparable(found) == comparable(slow(xml))


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample feeds (../shared/data/feeds) are not here")
def test_both_agree_on_feeds_with_pieces_of_one_another() -> None:
    chance = random.Random(1)
    roots = [
        root for root in map(parsed, sorted(SAMPLES.glob("feedparser/wellformed/**/*.xml"))[::5]) if root is not None
    ]
    pool = [element for root in roots for element in root.iter() if element is not root and len(element) < 6]
    agreed = 0
    for _ in range(1500):
        root = copy.deepcopy(chance.choice(roots))
        place = chance.choice([root, *root.iterdescendants()])
        place.insert(chance.randrange(len(place) + 1), copy.deepcopy(chance.choice(pool)))
        xml = etree.tostring(root, encoding="utf-8", xml_declaration=False).strip()
        found = quick(xml)
        if found is not None:
            assert comparable(found) == comparable(slow(xml)), xml
            agreed += 1
    assert agreed > 400


def parsed(path: Path) -> etree._Element | None:
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(first_element_on(path), parser)
    except etree.XMLSyntaxError:
        return None


def test_the_benchmark_counts_what_it_measures() -> None:
    odd = rss("<newlocation/><item><title>x</title></item>")
    figures = measure([rss("<item><title>x</title></item>"), odd, b"<html>"], rounds=1)
    assert (figures.documents, figures.read, figures.quick) == (3, 2, 1)
    assert (figures.entries, figures.agreeing_entries) == (1, 1)
    assert figures.fields == figures.agreeing_fields == len(FeedEntry.model_fields)

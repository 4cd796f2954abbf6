"""Images, language, addresses and quality: what the rest of the record is decided by."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from services.parser import extract, identity, images, language, quality
from services.parser.jsonld import LinkedImage
from services.parser.meta import MetaTags
from services.parser.quality import Evidence
from services.parser.witness import Witness
from shared.records import Article, ContentSource, EntryImage, Image

BASE = "https://bote.example/lokales/4711/"


def collect(
    body: str, *, graph: str | None = None, linked: tuple[LinkedImage, ...] = (), feed: tuple[EntryImage, ...] = ()
):
    tags = MetaTags(values={"og:image": (graph,)} if graph else {})
    return images.collect(document_fromstring(f"<html><body>{body}</body></html>"), tags, linked, feed, base=BASE)


def test_a_figure_gives_caption_and_credit():
    found = collect(
        '<figure><img src="/a.jpg"><figcaption>Die neue Brücke. '
        '<span class="credit">Foto: Ann Lee/dpa</span></figcaption></figure>'
    )

    assert found == (Image(url="https://bote.example/a.jpg", caption="Die neue Brücke.", credit="Ann Lee/dpa"),)


def test_a_credit_at_the_end_of_a_caption_is_taken_apart():
    (found,) = collect(
        '<figure><img src="/a.jpg"><figcaption>The new bridge at night. Photo: Ann Lee</figcaption></figure>'
    )

    assert (found.caption, found.credit) == ("The new bridge at night.", "Ann Lee")


def test_one_picture_that_several_witnesses_name_is_one_image():
    (found,) = collect(
        '<div><img src="https://bote.example/a.jpg?w=300" width="300" height="200">'
        '<div class="source">© dpa</div></div>',
        graph="https://bote.example/a.jpg",
        linked=(LinkedImage("https://bote.example/a.jpg?w=1200", width=1200, height=800, caption="The bridge"),),
    )

    assert found == Image(
        url="https://bote.example/a.jpg", caption="The bridge", credit="© dpa", width=1200, height=800
    )


@pytest.mark.parametrize(
    "body",
    [
        '<img src="/pixel.gif" width="1" height="1">',
        '<img src="/teaser.jpg">',
        '<figure><img src="data:image/png;base64,AAAA"><figcaption>Words</figcaption></figure>',
        '<figure><img src="/site-logo.png"><figcaption>Words</figcaption></figure>',
        "<figure><img><figcaption>Words</figcaption></figure>",
    ],
)
def test_ornaments_and_strangers_are_left_out(body):
    assert collect(body) == ()


def test_the_feeds_image_is_taken_where_the_page_has_none():
    assert collect("", feed=(EntryImage(url="https://bote.example/t.jpg", width=100),))[0].width == 100


GERMAN = (
    "Der Gemeinderat hat am Donnerstag den Bau einer Brücke beschlossen, die das alte Werk mit dem Bahnhof verbindet. "
    * 3
)
ENGLISH = (
    "The council decided on Thursday to build a bridge that will connect the old works with the railway station. " * 3
)


def spoken(text: str, **declared: str) -> language.Spoken:
    return language.choose(text, tuple(Witness(source, value) for source, value in declared.items()))


def test_the_text_decides_the_language():
    assert spoken(GERMAN, html="en-US").code == "de"
    assert spoken(ENGLISH).code == "en"


def test_a_declaration_of_another_language_is_flagged_and_a_cousin_is_not():
    assert spoken(GERMAN, html="en").mismatch
    assert not spoken(GERMAN, html="de-AT").mismatch
    assert not spoken(GERMAN, html="lb").mismatch


def test_too_little_text_speaks_for_itself_only_through_what_is_declared():
    short = spoken("Ja, nein.", html="de-DE")
    assert (short.code, short.confidence) == ("de", None)
    assert spoken("Ja, nein.").code is None


@pytest.mark.parametrize(
    ("declared", "code"),
    [("de-DE", "de"), ("ger", "de"), ("en_US", "en"), ("nb-NO", "no"), ("und", None), ("x", None), ("german", None)],
)
def test_declared_languages_are_made_plain(declared, code):
    assert language.normal(declared) == code


def identify(final: str | None, *claims: str) -> str | None:
    return identity.identify(final, tuple(Witness("canonical", claim) for claim in claims)).canonical


def test_a_claim_on_the_same_site_is_believed():
    assert (
        identify("https://m.bote.example/a/b?utm_source=x", "https://www.bote.example/a/b")
        == "https://www.bote.example/a/b"
    )
    assert identify("https://bote.example/a/b?x=1", "/a/b") == "https://bote.example/a/b"


@pytest.mark.parametrize(
    "claim",
    [
        "https://victim.example/their/article",
        "https://bote.example/",
        "https://bote.example",
        "javascript:alert(1)",
        "http://[::1",
        "",
    ],
)
def test_a_claim_to_be_another_sites_or_the_home_page_is_not(claim):
    assert identify("https://bote.example/a/b?utm_source=x", claim) == "https://bote.example/a/b"


def test_a_claim_to_be_a_section_is_not_believed():
    assert (
        identify("https://bote.example/news/2022/05/bridge", "https://bote.example/news")
        == "https://bote.example/news/2022/05/bridge"
    )


def test_a_refused_claim_is_kept_as_a_candidate(page):
    found = extract(
        page(head='<link rel="canonical" href="https://victim.example/theirs">'), url="https://bote.example/a"
    )

    assert isinstance(found, Article)
    assert found.url == "https://bote.example/a"
    assert found.source.domain == "bote.example"
    assert [c.value for c in found.provenance["urls.canonical"].candidates] == ["https://victim.example/theirs"]


LONG = " ".join(f"Sentence number {number} is about the bridge." for number in range(40))


def flags(**facts: object) -> tuple[str, ...]:
    evidence: dict[str, object] = {
        "title": "A bridge",
        "cleaned": LONG,
        "page_text": LONG,
        "word_count": 280,
        "content_source": ContentSource.PAGE,
        "is_article": True,
        **facts,
    }
    return quality.judge(Evidence(**evidence)).flags  # type: ignore[arg-type]


CONSENT = (
    "We and our partners use cookies. With your consent our vendors process data. "
    "Privacy: manage cookies, partners, consent."
)


@pytest.mark.parametrize(
    ("flag", "facts"),
    [
        ("paywall", {"free": False}),
        ("paywall", {"page_text": "Already a subscriber? Log in to continue reading", "word_count": 80}),
        ("consent_wall", {"cleaned": CONSENT, "word_count": 20}),
        ("javascript_shell", {"page_text": "You need to enable JavaScript to run this app.", "word_count": 9}),
        (
            "javascript_shell",
            {"page_text": "Bote", "word_count": 200, "scripts": 5, "content_source": ContentSource.FEED},
        ),
        ("listing_page", {"is_home": True, "is_article": False}),
        ("listing_page", {"is_article": False, "lines": ("A headline",) * 20}),
        ("too_short", {"word_count": 12}),
        ("truncated", {"from_summary": True}),
        ("truncated", {"cleaned": "The council decided to build…", "word_count": 5}),
        ("truncated", {"linked_words": 900}),
        ("language_mismatch", {"language_mismatch": True}),
        ("date_suspect", {"date_suspect": True}),
        (
            "bot_wall",
            {"title": "Just a moment...", "page_text": "Checking your browser", "content_source": ContentSource.FEED},
        ),
        ("bot_wall", {"page_text": "Please verify you are a human to go on.", "content_source": ContentSource.FEED}),
    ],
)
def test_a_doubt_is_flagged(flag, facts):
    assert flag in flags(**facts)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"free": True, "page_text": "Already a subscriber? " + LONG},
        {
            "cleaned": "Mix the cookies with sugar. Cookies need time. Bake the cookies. Eat the cookies.",
            "word_count": 60,
        },
        {"page_text": LONG + " You need to enable JavaScript to see the map."},
        {"lines": ("A sentence.",) * 20, "is_article": False},
        {"lines": ("A headline",) * 20},
        {"title": "Just a moment of silence", "page_text": LONG * 3},
        {"linked_words": 300},
    ],
)
def test_an_article_without_such_doubts_is_not(facts):
    assert flags(**facts) == ()


def test_the_score_falls_with_every_flag():
    none = quality.judge(Evidence("A", LONG, LONG, 280, ContentSource.PAGE, is_article=True))
    some = quality.judge(Evidence("A", LONG, LONG, 12, ContentSource.PAGE, is_article=True))
    many = quality.judge(Evidence("Just a moment", "x", "x", 1, ContentSource.PAGE, is_home=True, date_suspect=True))

    assert none.score == 1.0
    assert none.score > (some.score or 0) > (many.score or 0) == 0.0

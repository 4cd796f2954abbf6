"""Doubts about an article: pages that have what a flag says, and pages that only look like it."""

from __future__ import annotations

import json
import random

import pytest

from services.parser import extract
from services.parser.agreement import disagrees
from services.parser.quality import FLAGS
from shared.records import Article, ContentSource, EntryHints, Rejection, RejectionReason

URL = "https://bote.example/lokales/4711-hafen"
EN = (
    "The council voted on Tuesday evening to put off the renovation of the old harbour until next spring.",
    "Engineers had warned that the foundations were in a worse condition than anybody had expected.",
    "The mayor said that the decision had not been easy, but that safety had to come first this time.",
    "Shopkeepers along the quay fear that another winter of closed streets will drive their customers away.",
    "A new estimate of what the work will cost is to be laid before the council in the first week of March.",
)
DE = (
    "Der Stadtrat hat am Dienstagabend beschlossen, die Sanierung des alten Hafens auf das Frühjahr zu verschieben.",
    "Gutachter hatten gewarnt, dass die Fundamente in einem schlechteren Zustand seien als bisher angenommen.",
    "Die Bürgermeisterin sagte, die Entscheidung sei nicht leichtgefallen, doch die Sicherheit gehe nun einmal vor.",
    "Die Händler am Kai fürchten, dass ein weiterer Winter mit gesperrten Straßen ihre Kunden vertreibt.",
)
FR = (
    "Le conseil municipal a décidé mardi soir de reporter au printemps prochain la rénovation du vieux port.",
    "Des ingénieurs avaient averti que les fondations étaient en plus mauvais état que prévu à l'origine.",
    "La maire a déclaré que la décision n'avait pas été facile, mais que la sécurité passait avant tout.",
)
ES = (
    "El ayuntamiento decidió el martes por la noche aplazar hasta la primavera la renovación del viejo puerto.",
    "Los ingenieros habían advertido de que los cimientos estaban en peor estado de lo que se pensaba.",
    "La alcaldesa dijo que la decisión no había sido fácil, pero que la seguridad era lo primero.",
)


def page(
    *paragraphs: str,
    lang: str = "en",
    title: str = "Harbour to wait",
    head: str = "",
    before: str = "",
    after: str = "",
) -> bytes:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>'
        f"{before}<main><h1>{title}</h1>{text}</main>{after}</body></html>"
    ).encode()


def scrambled(text: str, seed: int) -> str:
    """``text`` as publishers make it unreadable where a subscription is missing."""
    dice = random.Random(seed)
    return "".join(dice.choice("abcdefghijklmnopqrstuvwxyz") if letter.isalpha() else letter for letter in text)


def news(**facts: object) -> str:
    data = {"@type": "NewsArticle", "headline": "Harbour to wait", **facts}
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def article(body: bytes, *, url: str | None = URL, entry: EntryHints | None = None) -> Article:
    found = extract(body, url=url, entry=entry)
    assert isinstance(found, Article), found
    return found


def flags(body: bytes, *, url: str | None = URL, entry: EntryHints | None = None) -> tuple[str, ...]:
    return article(body, url=url, entry=entry).quality.flags


def long(paragraphs: tuple[str, ...], times: int = 6) -> tuple[str, ...]:
    return tuple(f"{paragraph} {number}." for number in range(times) for paragraph in paragraphs)


TEASERS = {
    "not free, and little of it": page(*EN[:3], head=news(isAccessibleForFree=False)),
    "not free, by its meta tag": page(*EN[:3], head='<meta property="article:content_tier" content="locked">'),
    "English": page(
        *EN[:3], after="<div><p>Already a subscriber? Log in</p><p>Subscribe to continue reading</p></div>"
    ),
    "German": page(*DE[:3], lang="de", after="<div>Jetzt weiterlesen mit Bote Plus. Sie haben bereits ein Abo?</div>"),
    "French": page(*FR, lang="fr", after="<div>Il vous reste 80 % de cet article à lire. La suite est réservée.</div>"),
    "Spanish": page(*ES, lang="es", after="<div>Suscríbete para seguir leyendo. ¿Ya eres suscriptor?</div>"),
    "Czech": page(
        "Rada města v úterý rozhodla, že oprava starého přístavu počká do jara, protože na ni nejsou peníze.",
        "Tento článek je jen pro předplatitele. Přihlaste se a čtěte dál.",
        lang="cs",
    ),
    "an offer in the last line": page(*EN, "Subscribe to continue reading"),
    "scrambled words for the rest": page(
        *DE[:3],
        *(scrambled(line, seed) for seed in range(3) for line in DE),
        lang="de",
    ),
}
NO_TEASERS = {
    "all of an article that is not free": page(*long(EN), head=news(isAccessibleForFree=False)),
    "as much of it as JSON-LD has": page(
        *EN, *EN[:1], head=news(isAccessibleForFree=False, articleBody=" ".join((*EN, EN[0])))
    ),
    "about paywalls": page(
        "Readers who are asked to subscribe to continue reading mostly leave, a study of forty newspapers has found.",
        *EN[1:],
        title="Why paywalls rise and fall",
    ),
    "subscriptions in the menu": page(*EN, before="<nav><a href='/abo'>Already a subscriber? Log in</a></nav>"),
    "subscriptions right beneath it": page(*EN, after="<footer><p>Already a subscriber? Log in</p></footer>"),
    "subscriptions in its last sentence": page(
        *EN, "Readers of other papers were asked to subscribe to continue reading, but this report stayed open to all."
    ),
    "an offer that is quoted": page(*EN, "“Subscribe to continue reading”, said the sign at the harbour."),
    "subscriptions in the footer": page(
        *EN,
        after="<ul>"
        + "<li><a href='/x'>Politics of the day</a></li>" * 40
        + "</ul><footer>Already a subscriber? Log in</footer>",
    ),
    "free, with an offer beneath": page(
        *EN, head=news(isAccessibleForFree=True), after="<p>Subscribe to continue reading</p>"
    ),
}


@pytest.mark.parametrize("body", TEASERS.values(), ids=TEASERS)
def test_a_text_that_a_paywall_cuts_off_is_flagged(body):
    assert "paywall" in flags(body)


@pytest.mark.parametrize("body", NO_TEASERS.values(), ids=NO_TEASERS)
def test_an_article_that_is_all_there_is_not(body):
    assert "paywall" not in flags(body)


CONSENT = {
    "English": (
        "We and our 842 partners use cookies and similar technologies. With your consent, we and our vendors process "
        "personal data for advertising. You can manage your privacy settings, or object to legitimate interest."
    ),
    "German": (
        "Wir und unsere Partner verwenden Cookies. Mit Ihrer Einwilligung verarbeiten wir Daten für personalisierte "
        "Werbung. Sie können Ihre Zustimmung in den Datenschutz-Einstellungen jederzeit widerrufen."
    ),
    "French": (
        "Nous et nos partenaires utilisons des cookies. Avec votre consentement, nous traitons des données "
        "personnelles pour une publicité personnalisée. Consultez notre politique de confidentialité."
    ),
    "Spanish": (
        "Nosotros y nuestros socios usamos cookies. Con su consentimiento tratamos datos para publicidad "
        "personalizada. Consulte nuestra política de privacidad o rechace las cookies."
    ),
    "Polish": (
        "My i nasi partnerzy używamy plików cookie. Za twoją zgodą przetwarzamy dane osobowe. Zobacz naszą politykę "
        "prywatności i zarządzaj plikami cookie naszych partnerów."
    ),
}


@pytest.mark.parametrize("plea", CONSENT.values(), ids=CONSENT)
def test_a_plea_for_consent_alone_is_no_article(plea):
    found = extract(page(plea, title="Before you continue"), url=URL)
    assert isinstance(found, Rejection)
    assert found.reason is RejectionReason.NO_TEXT
    assert "consent" in (found.detail or "")


@pytest.mark.parametrize(
    "body",
    [
        page(*EN, after=f"<div>{CONSENT['English']}</div>"),
        page(*DE, lang="de", before=f'<div class="cmp">{CONSENT["German"]}</div>'),
        page(
            "Mix the cookies with sugar. Cookies need time. Bake the cookies at 180 degrees. Eat the cookies.", *EN[:2]
        ),
        page(
            "The court ruled that cookies need the consent of users, and that a banner is not enough for partners.",
            *EN,
            title="Court rules on cookies",
        ),
    ],
    ids=["a banner after it", "a banner before it", "a recipe", "an article about consent"],
)
def test_an_article_beside_or_about_consent_is_not_flagged(body):
    assert "consent_wall" not in flags(body)


SHELLS = {
    "an empty root": b'<html><head><title>Bote</title></head><body><div id="root"></div>'
    + b"<script></script>" * 3
    + b"</body></html>",
    "a plea": page(
        "We're sorry but this app doesn't work properly without JavaScript enabled. Please enable it to continue."
    ),
    "a German plea": page(
        "Bitte aktivieren Sie JavaScript in Ihrem Browser, um diese Seite anzuzeigen und zu nutzen.", lang="de"
    ),
}


@pytest.mark.parametrize("body", SHELLS.values(), ids=SHELLS)
def test_a_page_for_browsers_alone_is_rejected_and_flagged_where_the_feed_has_the_text(body):
    found = extract(body, url=URL)
    assert isinstance(found, Rejection)
    assert "browsers" in (found.detail or "") or "JavaScript" in (found.detail or "")

    with_feed = article(
        body, entry=EntryHints(title="Harbour to wait", content="".join(f"<p>{line}</p>" for line in EN))
    )
    assert with_feed.content_source is ContentSource.FEED
    assert "javascript_shell" in with_feed.quality.flags


@pytest.mark.parametrize(
    "body",
    [
        page(*EN, after="<noscript>You need to enable JavaScript to see the comments.</noscript>"),
        page(*EN, "Sites that require JavaScript shut out many readers, the engineers had argued before the vote."),
        page(*EN, after="<script></script>" * 40),
    ],
    ids=["a plea beside it", "an article about it", "many scripts"],
)
def test_an_article_with_scripts_is_no_shell(body):
    assert "javascript_shell" not in flags(body)


BOTS = {
    "Cloudflare": page(
        "Checking your browser before accessing bote.example. This process is automatic.", title="Just a moment..."
    ),
    "Cloudflare today": page(
        "Verify you are human by completing the action below. Ray ID: 8d1f6a2b9c3e4f50", title="bote.example"
    ),
    "a captcha": page(
        "We have detected unusual traffic from your network. Please complete the security check.", title="Captcha"
    ),
    "German": page(
        "Bitte bestätigen Sie, dass Sie kein Roboter sind, um die Seite zu lesen, die Sie aufgerufen haben.", lang="de"
    ),
    "denied": page(
        "You don't have permission to access this page on this server. Reference 18.2d3e", title="Access Denied"
    ),
    "Russian": page("Подтвердите, что вы не робот, чтобы продолжить чтение страницы, которую вы открыли.", lang="ru"),
}


@pytest.mark.parametrize("body", BOTS.values(), ids=BOTS)
def test_a_check_for_robots_is_rejected_and_flagged_where_the_feed_has_the_text(body):
    found = extract(body, url=URL)
    assert isinstance(found, Rejection)
    assert "check for robots" in (found.detail or "")

    with_feed = article(
        body, entry=EntryHints(title="Harbour to wait", content="".join(f"<p>{line}</p>" for line in EN))
    )
    assert "old harbour" in with_feed.text
    assert "bot_wall" in with_feed.quality.flags


@pytest.mark.parametrize(
    "body",
    [
        page(
            "Cloudflare said that its checks for robots had failed for an hour on Tuesday.",
            *EN,
            title="Cloudflare outage hits sites",
        ),
        page(*EN, title="Just a moment of silence for the old harbour"),
        page(*EN, title="Access denied: why the quay is closed"),
        page(
            "„Ich bin kein Roboter“, sagt der Hafenmeister, der seit dreißig Jahren die Schiffe zählt.", *DE, lang="de"
        ),
    ],
    ids=["about Cloudflare", "a title that begins like one", "another", "a figure of speech"],
)
def test_an_article_about_robots_and_their_checks_is_not_flagged(body):
    assert "bot_wall" not in flags(body)


BLOCKED = page(
    "This website is using a security service to protect itself from online attacks. The action you just performed "
    "triggered the security solution. There are several actions that could trigger this block including submitting a "
    "certain word or phrase, a SQL command or malformed data.",
    "You can email the site owner to let them know you were blocked. Please include what you were doing when this page "
    "came up and the Cloudflare Ray ID found at the bottom of this page.",
    "Cloudflare Ray ID: 8d1f6a2b9c3e4f50",
    title="Attention Required! | Cloudflare",
)


def test_a_wall_of_many_words_that_are_all_its_own_is_rejected():
    found = extract(BLOCKED, url=URL)
    assert isinstance(found, Rejection)
    assert "check for robots" in (found.detail or "")


@pytest.mark.parametrize(
    "sentence",
    [
        "“Please prove you are not a robot,” the website of the town told pensioners who wanted to book a seat.",
        'The screen said "Sorry, you have been blocked" all day long.',
        "The provider wrote of unusual traffic from your fridge in a letter to the family.",
        "„Bestätigen Sie, dass Sie kein Roboter sind“, stand auf dem Schirm.",
        "En la pantalla se leía «no soy un robot» durante horas.",
    ],
)
def test_an_article_that_speaks_a_walls_words_is_neither_rejected_nor_flagged(sentence):
    assert flags(page(*EN, sentence)) == ()


@pytest.mark.parametrize(
    "title",
    [
        "Captcha", "Forbidden", "One more step", "Security check", "Access denied", "Not found", "Nothing found here",
        "Page moved",
    ],
)  # fmt: skip
def test_an_article_under_a_walls_title_is_neither_rejected_nor_flagged(title):
    assert flags(page(*EN, title=title)) == ()


@pytest.mark.parametrize(
    "body",
    [
        page(
            "Google will keep cookies in its browser after all, and drops the consent prompt that it had announced.",
            "The privacy regulator was surprised, and partners who had built replacements for cookies for five years "
            "asked who would pay them for the work.",
            title="Google keeps cookies",
        ),
        page(
            "Die Regierung will, dass Nutzer ihre Einwilligung nur einmal geben und nicht auf jeder Seite.",
            "Der Datenschutz leide darunter nicht, sagte die Ministerin; die Werbewirtschaft und ihre Partner fürchten "
            "um die Zustimmung, von der ihr Geschäft mit den Cookies lebt.",
            title="Cookie-Banner sollen verschwinden",
            lang="de",
        ),
    ],
    ids=["English", "German"],
)
def test_a_brief_about_consent_is_no_plea_for_it(body):
    assert "consent_wall" not in flags(body)


@pytest.mark.parametrize(
    "body",
    [
        page(EN[0], "JavaScript is required for the comments."),
        page(EN[0], after="<noscript>Please enable JavaScript to view the comments powered by Disqus.</noscript>"),
    ],
    ids=["a line", "beside it"],
)
def test_javascript_for_comments_makes_no_shell_of_a_short_text(body):
    assert flags(body) == ("too_short",)


NOISE = random.Random(1).randbytes(40_000)


@pytest.mark.parametrize("start", [b"", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
@pytest.mark.parametrize("label", [b"", b"<meta charset=gb18030>", b"<meta charset=windows-1251>"])
def test_bytes_of_something_else_in_markup_are_rejected(start, label):
    found = extract(b"<html>" + label + b"<body><p>" + start + NOISE, url=URL)
    assert isinstance(found, Rejection)
    assert (found.reason, "binary data" in (found.detail or "")) == (RejectionReason.MALFORMED, True)


def test_binary_between_an_articles_paragraphs_is_dropped():
    body = page(*EN).replace(b"</h1>", b"</h1><p>" + NOISE.replace(b"<", b"") + b"</p>")
    found = article(body)
    assert found.text.startswith(EN[0])


def test_characters_that_no_text_has_are_a_doubt_and_one_among_thousands_is_none():
    assert "garbled" in flags(page(EN[0].replace("e", "\ufffd"), *EN[1:]))
    assert "garbled" in flags(page(*EN[:4], "The price rose to \ue010\ue011 crowns, twice what had been planned."))
    assert "garbled" not in flags(page(*long(EN), "The price rose to \ufffd crowns."))


MISSING = (
    "Page not found",
    "404 – Not Found | Bote",
    "Seite nicht gefunden",
    "Page introuvable",
    "Página no encontrada",
    "Страница не найдена",
    "ページが見つかりません",
    "Nie znaleziono strony",
    "Sidan hittades inte",
)


@pytest.mark.parametrize("title", MISSING)
def test_a_notice_that_there_is_no_such_page_is_no_article_whatever_its_status(title):
    found = extract(
        page("The page that you are looking for may have been moved, renamed or deleted.", title=title), url=URL
    )
    assert isinstance(found, Rejection)
    assert "no such page" in (found.detail or "")


@pytest.mark.parametrize(
    "body",
    [
        page(*EN, title="Missing page of the harbour's logbook not found"),
        page(*EN, title="404 days without a harbour"),
        page(*long(EN), title="Page not found"),
    ],
    ids=["about a page", "a number", "a long text under a wrong title"],
)
def test_an_article_is_not_taken_for_such_a_notice(body):
    assert "not_found" not in flags(body)


def teaser(number: int) -> str:
    return (
        f'<div class="item"><h2><a href="/news/{number}-story">Story number {number} about the harbour of the town</a>'
        f"</h2><p>In its {number}. session the council spoke about the harbour and what is to become of it.</p></div>"
    )


def long_read(number: int) -> str:
    return (
        f"<h2>What the {number}. expert told us about it</h2><p>The {number}. of those whom we asked of the harbour, "
        f'<a href="/p/{number}">an engineer</a>, spoke of <a href="/q/{number}">costs</a>, of '
        f'<a href="/r/{number}">time</a> and of the sea, which takes back '
        "what it is not given, as every child on this coast learns at school.</p>"
    )


LISTINGS = {
    "a section": ("".join(map(teaser, range(1, 16))), "https://bote.example/news"),
    "a blog's beginning": (
        "".join(
            f'<article><h2><a href="/{n}">A day at the old harbour, number {n}</a></h2>'
            f"<p>{EN[n % 5]} {EN[(n + 1) % 5]}</p></article>"
            for n in range(10)
        ),
        "https://bote.example/blog",
    ),
    "an archive of links and dates": (
        "<h1>Archive</h1><ul>"
        + "".join(
            f'<li><a href="/n/{n}">The council speaks about harbour number {n} again</a> {n} May 2026</li>'
            for n in range(1, 26)
        )
        + "</ul>",
        "https://bote.example/archive",
    ),
    "the home page": ("".join(f"<p>{line}</p>" for line in EN), "https://bote.example/"),
}
ARTICLES = {
    "a long one that is rich in links": "".join(map(long_read, range(12))),
    "ten things with a link each": f"<p>{EN[0]}</p>"
    + "".join(
        f'<h2><a href="https://ferry{n}.example/">{n}. The ferry of the northern lake</a></h2><p>{EN[n % 5]} {n}.</p>'
        for n in range(1, 11)
    ),
    "one with a list of others beneath": "".join(f"<p>{line}</p>" for line in long(EN, 3))
    + "<ul>"
    + "".join(f'<li><a href="/n/{n}">What else happened at the harbour, part {n}</a></li>' for n in range(8))
    + "</ul>",
    "a live blog": "".join(
        f"<div><h3>{hour}:15 – What happened at the harbour</h3><p>{EN[hour % 5]} It was the {hour}. hour.</p></div>"
        for hour in range(8, 22)
    ),
    "one with others beneath": "".join(f"<p>{line}</p>" for line in long(EN, 4))
    + "<aside>"
    + "".join(map(teaser, range(1, 9)))
    + "</aside>",
    "a recipe": "<ul>"
    + "".join(f"<li>{n} spoons of sugar and flour</li>" for n in range(20))
    + "</ul>"
    + "".join(f"<p>{line}</p>" for line in EN),
}


@pytest.mark.parametrize(("body", "url"), LISTINGS.values(), ids=LISTINGS)
def test_a_list_of_articles_is_flagged(body, url):
    assert "listing_page" in flags(page(before=body, title="News"), url=url)


@pytest.mark.parametrize("body", ARTICLES.values(), ids=ARTICLES)
def test_an_article_with_many_links_headings_or_lines_is_no_list(body):
    assert "listing_page" not in flags(page(before=f"<h1>Harbour to wait</h1><div>{body}</div>"))


CUT = {
    "amid a sentence": page(
        *EN[:4], "The harbour master, who has counted ships for years, said that he had never seen such a"
    ),
    "after a comma": page(
        *DE[:3],
        "Der Hafenmeister, der seit Jahren die Schiffe zählt, sagte am Dienstag vor dem Rathaus, dass er,",
        lang="de",
    ),
    "with an ellipsis": page(EN[0], EN[1] + " And…"),
    "with a bracket": page(*EN, "Of what the work will cost [...]"),
    "by much, says JSON-LD": page(*EN[:3], head=news(articleBody=" ".join(long(EN)))),
}
UNCUT = {
    "a whole article": page(*EN),
    "a name at the end": page(
        *EN[:4],
        "The harbour master, who has counted ships for years, told this story a last time to Ada Marsh",
    ),
    "an address at the end": page(
        *EN[:4],
        "Those who want to know more of the plans may ask the harbour master under harbour@bote.example",
    ),
    "an open end after much": page(*long(EN), "And nobody knows what is to become of it..."),
    "headings without a full stop": page(*EN[:3], "What is to come", *EN[3:]),
    "Japanese": page(
        *["市議会は火曜日の夜、古い港の改修工事を来春まで延期することを決めた。安全が第一だと市長は述べた。"] * 4,
        lang="ja",
    ),
}


@pytest.mark.parametrize("body", CUT.values(), ids=CUT)
def test_a_text_that_breaks_off_is_flagged(body):
    assert "truncated" in flags(body)


@pytest.mark.parametrize("body", UNCUT.values(), ids=UNCUT)
def test_a_text_that_ends_is_not(body):
    assert "truncated" not in flags(body)


def test_few_words_are_flagged_and_a_brief_report_is_not():
    assert "too_short" in flags(page(EN[0]))
    assert "too_short" not in flags(page(*EN))


def test_another_language_than_declared_is_flagged_and_a_variant_is_not():
    assert "language_mismatch" in flags(page(*DE, lang="en"))
    assert "language_mismatch" not in flags(page(*DE, lang="de-AT"))
    assert "language_mismatch" not in flags(page(*DE, lang=""))


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Volcano erupts on southern island", "Thousands leave their homes as ash falls on villages."),
        ("Vulkan bricht auf südlicher Insel aus", None),
        ("南の島で火山が噴火、数千人が避難", None),
    ],
)
def test_a_page_about_something_else_than_the_feed_says_is_flagged(title, summary):
    assert "feed_disagrees" in flags(page(*EN), entry=EntryHints(title=title, summary=summary))


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Harbour must wait", None),
        ("Old quay: councillors postpone renovations", "Engineers warn about foundations."),
        ("Storm clouds over the waterfront", "The council puts the harbour's renovation off until spring."),
        ("Update", None),
        (None, "Volcano erupts on southern island, thousands flee"),
        ("", ""),
    ],
)
def test_other_words_for_the_same_news_are_not(title, summary):
    assert "feed_disagrees" not in flags(page(*EN), entry=EntryHints(title=title, summary=summary))


def test_inflected_words_are_the_same_words():
    text = "Мост через реку построят к осени. Глава города встретился с жителями набережной и ответил на вопросы. " * 2
    assert not disagrees("", text, feed_title="Жители города получат мосты через реки", feed_summary=None)
    assert disagrees("", text, feed_title="Извержение вулкана уничтожило деревню", feed_summary=None)


def test_the_score_is_what_the_flags_leave():
    whole = article(page(*EN)).quality
    short = article(page(EN[0])).quality
    assert (whole.score, whole.flags) == (1.0, ())
    assert (short.score, short.flags) == (round(1 - FLAGS["too_short"], 2), ("too_short",))


def test_a_wall_gives_way_to_json_ld_and_to_the_feeds_summary():
    body = page("Checking your browser before accessing bote.example.", title="Just a moment...")
    linked = article(body.replace(b"</head>", news(articleBody=" ".join(EN)).encode() + b"</head>"))
    assert linked.content_source is ContentSource.JSONLD

    summed = article(body, entry=EntryHints(title="Harbour to wait", summary=EN[0]))
    assert summed.text == EN[0]
    assert {"bot_wall", "truncated", "too_short"} <= set(summed.quality.flags)

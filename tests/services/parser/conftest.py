"""Pages of an invented newspaper, with the furniture that real ones have around the article."""

from __future__ import annotations

from collections.abc import Callable

import pytest

HEADLINE = "Gemeinderat stimmt nach fünf Stunden für die neue Brücke über die Möhne"
LEAD = (
    "Nach jahrelangem Streit hat der Gemeinderat von Übersee am Donnerstag den Bau einer Brücke für Fußgänger und "
    "Radfahrer beschlossen, die das alte Ölwerk mit dem Bahnhof verbindet."
)
PARAGRAPHS = (
    (
        "Die Entscheidung fiel mit elf gegen acht Stimmen, nachdem die Bürgermeisterin Jördis Häßler noch einmal für "
        "den Entwurf geworben hatte. Die Brücke soll 94 Meter lang werden und bis zum Herbst 2027 fertig sein."
    ),
    (
        "Gegner des Vorhabens bezweifelten, dass die veranschlagten vier Millionen Euro ausreichen. Der Kämmerer "
        "verwies auf Zuschüsse des Landes, die allerdings noch nicht bewilligt sind."
    ),
    (
        "Der Verein für Flussschwimmer forderte, während der Bauzeit eine Umleitung für seine Mitglieder einzurichten. "
        "Darüber soll im nächsten Monat gesondert beraten werden."
    ),
    (
        "Mit den Arbeiten wird begonnen, sobald das Wasserwirtschaftsamt die Unterlagen geprüft hat. Anwohner können "
        "die Pläne im Rathaus einsehen."
    ),
)
TEASER = "Kommentar: Warum diese Brücke der Stadt nur Ärger bringt"
CREDIT = "Agenturbild.example © zweigwerk"

PageMaker = Callable[..., bytes]


@pytest.fixture
def page() -> PageMaker:
    """Makes a page: its head, what stands before the text, the paragraphs, what stands after them."""

    def make(
        *,
        head: str = "",
        headline: str | None = HEADLINE,
        before: str = "",
        paragraphs: tuple[str, ...] = PARAGRAPHS,
        after: str = "",
        lang: str = "de",
    ) -> bytes:
        heading = f"<h1>{headline}</h1>" if headline else ""
        text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        return (
            f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8">{head}</head><body>'
            '<div class="menu"><ul><li><a href="/politik/">Politik</a></li><li><a href="/lokales/">Lokales</a></li>'
            '<li><a href="/sport/">Sport</a></li></ul></div>'
            f'<div class="article">{heading}{before}<div class="article-text">{text}</div>{after}</div>'
            '<div class="foot">© 2022 Übersee-Bote. Alle Rechte vorbehalten.</div></body></html>'
        ).encode()

    return make


@pytest.fixture
def whole_page(page: PageMaker) -> bytes:
    """A page with all that should not come out as text: credit, teaser, related link, share line."""
    first, *rest = PARAGRAPHS
    return page(
        head=(
            f"<title>{HEADLINE} — Übersee-Bote</title>"
            f'<meta name="description" content="{LEAD}">'
            f'<meta property="og:type" content="article"><meta property="og:title" content="{HEADLINE}">'
            '<meta property="og:site_name" content="Übersee-Bote">'
            '<meta property="og:image" content="https://bote.example/bilder/bruecke.jpg">'
            '<meta property="article:published_time" content="2022-05-20T01:30:00+03:00">'
            '<meta property="article:section" content="Lokales">'
            '<link rel="canonical" href="https://bote.example/lokales/4711-bruecke/">'
        ),
        before=(
            '<div class="Article-date">20. Mai 2022, 01:30 Uhr</div>'
            f'<div class="Article-lead">{LEAD}</div>'
            '<div class="Article-cover"><img src="/bilder/bruecke.jpg" width="1040" height="585" alt="">'
            f'<div class="Article-source">Quelle: {CREDIT}</div></div>'
        ),
        paragraphs=(
            first,
            f'</p><div class="ReadMore"><a href="/meinung/99/"><div>{TEASER}</div></a></div><p>{rest[0]}',
            *rest[1:],
            '<strong>Mehr zum Thema - </strong><a href="/lokales/1/"><strong>Als die alte Fähre sank</strong></a>',
        ),
        after='<div class="Share"><span>Teilen:</span><a href="#">VK</a><a href="#">Telegram</a></div>',
    )

"""Lines that are not the article, and lines that look like it but are."""

from __future__ import annotations

import pytest

from services.parser import cleanup
from services.parser.body import Kind, Line, as_text
from services.parser.cleanup import Surroundings, clean


def lines(*texts: str, kind: Kind = Kind.PARAGRAPH) -> tuple[Line, ...]:
    return tuple(Line(markdown=text, text=text, kind=kind, block=number) for number, text in enumerate(texts))


def left(*texts: str, around: Surroundings | None = None, kind: Kind = Kind.PARAGRAPH) -> list[str]:
    return [line.text for line in clean(lines(*texts, kind=kind), around or Surroundings()).lines]


@pytest.mark.parametrize(
    "line",
    [
        "Read more: How the ferry sank",
        "READ MORE ON THE FERRY",
        "Also: The best ferries of 2022",
        "Related: A bridge too far",
        "See also: Bridges",
        "More from the Bote",
        "Most read in Politics",
        "Don't miss: the ferry's last trip",
        "Mehr zum Thema - Als die Fähre sank",
        "Mehr zum Thema",
        "Lesen Sie auch: Als die Fähre sank",
        "Auch interessant:",
        "Das könnte Sie auch interessieren",
        "À lire aussi : le bac a coulé",
        "Lire aussi – Le pont",
        "Sur le même sujet",
        "Lea también: El puente",
        "Te puede interesar: el puente",
        "Leia também: A ponte",
        "Leggi anche: Il ponte",
        "Per approfondire: il ponte",
        "Lees ook: de brug",
        "Läs också: Bron",
        "Les også: Broen",
        "Læs også: Broen",
        "Lue myös: Silta",
        "Czytaj także: Most",
        "Čtěte také: Most",
        "Olvasd el: A híd",
        "Citește și: Podul",
        "Читайте также: Мост",
        "Читайте також: Міст",
        "Διαβάστε επίσης: Η γέφυρα",
        "اقرأ أيضا: الجسر",
        "यह भी पढ़ें: पुल",
        "関連記事：橋について",
        "相关阅读：大桥",
        "관련기사: 다리",
        "FUNDA OLUNYE UDABA LAPHA | Ibhuloho",
    ],
)
def test_a_line_that_leads_to_another_article_goes(line):
    assert left("A sentence of the article.", line, "Another sentence.") == [
        "A sentence of the article.",
        "Another sentence.",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Read more than one book a year and you are ahead of most people in this town.",
        "More from the wreck was found on Monday.",
        "Also in the water was the ferry's captain, who was rescued by two swimmers.",
        "Mehr als hundert Menschen kamen zur Einweihung.",
        "Mehr von den Plänen soll erst im Herbst bekannt werden.",
        "Related costs will be paid by the state.",
        "Themen gab es genug.",
        "Les ponts sont faits pour être traversés.",
        "Se abre el puente al tráfico.",
        "Watch: this is what a sentence after a label looks like when it is long enough to be part of the article.",
    ],
)
def test_a_sentence_that_begins_like_one_stays(line):
    assert left("First.", line, "Last.") == ["First.", line, "Last."]


@pytest.mark.parametrize(
    "line",
    [
        "Quelle: Gettyimages.ru © simon2579",
        "Foto: Jördis Häßler",
        "Foto: dpa/Häßler",
        "Bild: picture alliance",
        "Photo by Ann Lee on Unsplash",
        "Photo: AP",
        "Image: Ann Lee/Reuters",
        "Gallery Credit: Ann Lee",
        "Picture courtesy of the city",
        "(Quelle: APA/sda/dpa)",
        "© AFP",
        "(c) dpa",
        "Crédit photo : Ann Lee",
        "Foto di Ann Lee",
        "Fonte: Ansa",
        "Bron: ANP",
        "Фото: РИА Новости",
        "写真：共同通信",
        "Photo Credits: Ann Lee / Getty Images",
    ],
)
def test_an_image_credit_goes(line):
    assert left("First.", line, "Last.") == ["First.", "Last."]


@pytest.mark.parametrize(
    "line",
    [
        "Photo albums of the flood were shown in the town hall. Visitors wept.",
        "Credit Suisse rettet die Brücke",
        "Image problems of the ferry company",
        "Quellen sprudeln wieder",
        "Reuters hatte zuerst darüber berichtet.",
        "Source code was published",
    ],
)
def test_a_line_about_images_and_sources_stays(line):
    assert left("First.", line, "Last.") == ["First.", line, "Last."]


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement",
        "ADVERTISEMENT",
        "Article continues below this ad",
        "Advertisement 1Story continues below",
        "Anzeige",
        "Publicité",
        "Share this article",
        "Teilen",
        "Facebook Twitter WhatsApp",
        "Lesedauer: 4 Minuten",
        "5 min read",
        "Thanks for signing up!",
        "Sign up (it's quick and free) or sign in now.",
        "Please read our Comment Policy before commenting.",
        "Copyright 2024 Example Media Inc. All rights reserved. This material may not be published.",
        "12 comments",
        "Click here to read more on the ferry",
        "Ein Klick für den Datenschutz",
    ],
)
def test_a_notice_goes(line):
    assert left("First.", line, "Last.") == ["First.", "Last."]


@pytest.mark.parametrize(
    "line",
    [
        "Sign up for our daily newsletter to get the best of the Bote.",
        "Never miss a story: subscribe to our newsletter and have it delivered to your inbox.",
        "Abonnieren Sie unseren Newsletter für das Wichtigste vom Tage.",
        "Folgen Sie uns auf Facebook, um keine Brücke zu verpassen.",
        "Inscrivez-vous à notre newsletter.",
        "Подписывайтесь на наш канал.",
    ],
)
def test_an_invitation_to_a_newsletter_goes(line):
    assert left("First.", line, "Last.") == ["First.", "Last."]


def test_a_report_about_newsletters_stays():
    report = "The newsletter had 4,000 readers when its editor left, the company said on Thursday."

    assert left("First.", report, "Last.") == ["First.", report, "Last."]


def test_the_headline_goes_from_the_beginning_only():
    around = Surroundings(titles=("A bridge for the town",))

    assert left("A Bridge for the Town", "Text.", around=around) == ["Text."]
    far = [f"Sentence {number}." for number in range(cleanup.OPENING)]
    assert left(*far, "A Bridge for the Town", "Text.", around=around)[-2] == "A Bridge for the Town"


def test_a_headline_goes_with_its_kicker_only_where_it_is_a_heading():
    around = Surroundings(titles=("A bridge for the town",))

    heading = lines("Local news A bridge for the town", kind=Kind.HEADING)
    assert [line.text for line in clean((*heading, *lines("Text.")), around).lines] == ["Text."]
    assert len(left("Everybody wants a bridge for the town", "Text.", around=around)) == 2


def test_byline_and_dateline_go_from_the_beginning():
    around = Surroundings(authors=("Jördis Häßler",))

    assert left("Von Jördis Häßler", "20. Mai 2022, 10:14 Uhr", "Text.", around=around) == ["Text."]
    assert left("Jördis Häßler sagt nein.", "Im Mai 2022 begann alles.", around=around) == [
        "Jördis Häßler sagt nein.",
        "Im Mai 2022 begann alles.",
    ]


def test_a_line_that_is_a_link_goes_unless_it_is_short_or_a_sentence():
    links = frozenset(map(cleanup.link_key, ("How the old ferry sank", "The ferry sank.", "Bridges")))

    kept = left("First.", "How the old ferry sank", "The ferry sank.", "Bridges", around=Surroundings(links=links))

    assert kept == ["First.", "The ferry sank.", "Bridges"]


def test_headings_and_lists_stay_and_a_heading_over_nothing_goes():
    content = (
        *lines("First.", "What is missing", kind=Kind.PARAGRAPH),
        *lines("the bridge", "the money", kind=Kind.ITEM),
        *lines("Last words", kind=Kind.HEADING),
    )

    cleaned = clean(content, Surroundings())

    assert [line.text for line in cleaned.lines] == ["First.", "What is missing", "the bridge", "the money"]
    assert cleaned.dropped == {"trailing_heading": 1}


def test_code_is_left_alone():
    code = lines("Share", "Advertisement", kind=Kind.CODE)

    assert clean(code, Surroundings()).lines == code


def test_what_was_dropped_is_counted_by_rule():
    cleaned = clean(lines("First.", "Advertisement", "Foto: dpa", "Lesen Sie auch: Die Fähre"), Surroundings())

    assert cleaned.dropped == {"notice": 1, "credit": 1, "related": 1}
    assert as_text(cleaned.lines) == "First."

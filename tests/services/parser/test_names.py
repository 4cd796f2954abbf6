"""Names out of by-lines."""

from __future__ import annotations

import pytest

from services.parser.names import in_byline


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Ann Lee", ["Ann Lee"]),
        ("Von Jördis Häßler und Max Öl", ["Jördis Häßler", "Max Öl"]),
        ("Ann Lee, Bo Yang and Cy Orr", ["Ann Lee", "Bo Yang", "Cy Orr"]),
        ("Ann Lee; Bo Yang", ["Ann Lee", "Bo Yang"]),
        ("Par Anne Dupont et Luc Petit", ["Anne Dupont", "Luc Petit"]),
        ("Ann Lee & Bo Yang", ["Ann Lee", "Bo Yang"]),
        ("Ann Lee, Senior Political Editor", ["Ann Lee"]),
        ("Ann Lee (Korrespondentin)", ["Ann Lee"]),
        ("Martin Luther King, Jr.", ["Martin Luther King, Jr"]),
        ("ann@bote.example Ann Lee @annlee", ["Ann Lee"]),
        ("ANN MARIE LEE", ["Ann Marie Lee"]),
        ("Felix Schröder und Jörg Soldwisch, dpa", ["Felix Schröder", "Jörg Soldwisch", "dpa"]),
        ("大渡 美咲", ["大渡 美咲"]),
        ("https://www.facebook.com/bote", []),
        ("20 May 2022", []),
        ("", []),
        ("Andrea Sandhaus", ["Andrea Sandhaus"]),
    ],
)
def test_a_byline_is_taken_apart(byline, names):
    assert in_byline(byline) == names


@pytest.mark.parametrize(
    "name",
    [
        "José Ortega y Gasset",
        "Jean-Luc Y Garcia",
        "Ministry of Food and Agriculture",
        "Department of Health and Human Services",
        "Worcester Telegram & Gazette",
        "Ann and Bo Lee",
    ],
)
def test_a_conjunction_within_a_name_stays_there(name):
    assert in_byline(name) == [name]


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Pedro Ruiz y Ana López", ["Pedro Ruiz", "Ana López"]),
        ("Анна Ли и Олег Петров", ["Анна Ли", "Олег Петров"]),
        ("ANN LEE AND BO YANG", ["Ann Lee", "Bo Yang"]),
        ("Ann Lee, Bo Yang, and Cy Orr", ["Ann Lee", "Bo Yang", "Cy Orr"]),
        ("Ludwig van Aken & Dr. med. Bo Yang", ["Ludwig van Aken", "Dr. med. Bo Yang"]),
        ("Ann Lee und dpa", ["Ann Lee", "dpa"]),
        ("Staff and agencies", ["Staff", "agencies"]),
        ("Ann Lee in Berlin and Bo Yang in Paris", ["Ann Lee in Berlin", "Bo Yang in Paris"]),
        ("Ann Lee and Bo Yang for Reuters", ["Ann Lee", "Bo Yang for Reuters"]),
        ("Ann Lee, Bo Yang y Cy Orr Tiempo de lectura: 8 minutos", ["Ann Lee", "Bo Yang"]),
        ("Ann Lee, Senior Writer and Video Editor", ["Ann Lee"]),
    ],
)
def test_a_conjunction_between_two_full_names_parts_them(byline, names):
    assert in_byline(byline) == names


@pytest.mark.parametrize("byline", ["Reuters, Berlin", "AFP, New York"])
def test_the_place_behind_an_agency_is_no_author(byline):
    assert len(in_byline(byline)) == 1


def test_a_person_or_an_agency_behind_an_agency_is_an_author():
    assert in_byline("Reuters, Ann Lee") == ["Reuters", "Ann Lee"]
    assert in_byline("dpa, AFP") == ["dpa", "AFP"]


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Auswärtige Autoren (AA", ["Auswärtige Autoren"]),
        ("Auswärtige Autoren (AA)", ["Auswärtige Autoren (AA)"]),
        ("(Ann Lee)", ["Ann Lee"]),
        ("(Ann Lee", ["Ann Lee"]),
        ("Ann Lee)", ["Ann Lee"]),
        ("Ann Lee (Berlin, Reuters)", ["Ann Lee", "Reuters"]),
        ("()[", []),
    ],
)
def test_no_name_has_half_a_pair_of_brackets(byline, names):
    assert in_byline(byline) == names


def test_an_inverted_name_is_turned_round():
    assert in_byline("You, Xiaoying", inverted=True) == ["Xiaoying You"]
    assert in_byline("Ortega y Gasset, José", inverted=True) == ["José Ortega y Gasset"]

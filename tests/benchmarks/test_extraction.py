"""The parser's benchmark: what it counts, what it makes of pages, and that its rivals stay off the network."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import extraction, extraction_rivals
from benchmarks.extraction_cpu import compared
from benchmarks.extraction_pages import html_text, labelled
from benchmarks.extraction_score import Answer, Mark, judge, total
from benchmarks.extraction_statistics import by_domain, differences, folds

TEXT = "The ferry is back after eleven months in the yard and nobody had expected it so early this year."


def test_the_text_itself_is_a_perfect_answer_and_none_at_all_counts_in_recall_only():
    whole, none = judge({"text": TEXT}, Answer(text=TEXT)), judge({"text": TEXT}, Answer())

    assert whole.figures() == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert total([whole, none]).figures() == {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3)}


def test_too_much_costs_precision_and_too_little_costs_recall():
    half = " ".join(TEXT.split()[:9])

    more = judge({"text": half}, Answer(text=TEXT)).figures()
    less = judge({"text": TEXT}, Answer(text=half)).figures()

    assert more["recall"] == less["precision"] == 1.0
    # Sequences of four words: 6 of the half, 16 of the whole.
    assert more["precision"] == less["recall"] == pytest.approx(6 / 16)


def test_f1_is_taken_of_the_averages_over_pages():
    marks = [
        Mark({"precision": 1.0, "precision_asked": 1, "recall": 0.5, "recall_asked": 1}),
        Mark({"recall_asked": 1}),
    ]

    figures = total(marks).figures()

    assert (figures["precision"], figures["recall"]) == (1.0, 0.25)
    assert figures["f1"] == pytest.approx(0.4)


def test_segments_count_what_must_and_what_must_not_be_there():
    gold = {"must_contain": ["ferry is back", "in the yard"], "must_not_contain": ["Subscribe", "Share"]}

    assert judge(gold, Answer(text=TEXT)).figures()["segments"] == 1.0
    assert judge(gold, Answer(text=f"{TEXT} Share")).figures()["segments"] == pytest.approx(4 / 5)


@pytest.mark.parametrize(
    ("gold", "answer", "right"),
    [
        ({"title": "The ‘ferry’  is back"}, Answer(title="the 'ferry' is back"), {"title": 1.0}),
        ({"title": "The ferry"}, Answer(title="The ferry - Bote"), {"title": 0.0}),
        ({"authors": ["Ann Bee", "Cy Dee"]}, Answer(authors=("Cy Dee", "ANN BEE")), {"authors": 1.0}),
        ({"authors": ["Ann Bee"]}, Answer(authors=("Ann Bee", "Bote")), {"authors": 0.0}),
        ({"authors": []}, Answer(authors=("Ann Bee",)), {}),
        ({"date": "2026-03-01"}, Answer(day="2026-03-01", utc_day="2026-02-28"), {"day": 1.0, "utc_day": 0.0}),
        ({"lang": "en-GB"}, Answer(language="en"), {"language": 1.0}),
        ({"lang": "en"}, Answer(silent=frozenset({"language"})), {}),
    ],
)
def test_fields_are_right_or_wrong_and_unknown_gold_asks_nothing(gold, answer, right):
    assert judge(gold, answer).figures() == right


def test_a_difference_that_every_domain_shows_is_certain_and_one_of_chance_is_not():
    domains = [f"d{number}.example" for number in range(40)]

    def marked(rights: list[int]) -> dict[str, Mark]:
        return by_domain(domains, [Mark({"title": right, "title_asked": 1}) for right in rights])

    better = differences(marked([1] * 40), marked([0, 1] * 20), draws=300)["title"]
    chance = differences(marked([1, 0] * 20), marked([0, 1] * 20), draws=300)["title"]

    assert better.value == 0.5
    assert 0.3 < better.low < 0.5 < better.high < 0.7
    assert chance.low < 0 < chance.high
    assert differences(marked([1, 0] * 20), marked([0, 1] * 20), draws=300)["title"] == chance


def test_pages_of_one_domain_stay_in_one_fold():
    marks = by_domain(["a.example"] * 30 + ["b.example"], [Mark({"title": 1, "title_asked": 1})] * 31)

    assert set(marks) == {"a.example", "b.example"}
    assert marks["a.example"].figures() == {"title": 1.0}
    assert folds(marks, 5)["title"].mean == 1.0


def test_cost_is_told_relative_to_one_parser():
    assert compared({"a": [10.0, 30.0], "b": [5.0, 15.0]}, by="a")["b"] == {"ms": 10.0, "median_ms": 10.0, "ratio": 0.5}


def test_a_text_of_html_has_its_blocks_apart():
    text = html_text("<div><p>One <b>two</b></p><p>three</p></div>")

    assert [line for line in text.split("\n") if line] == ["One two", "three"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A labelled set of our own: three pages of an invented newspaper."""
    aed = tmp_path / "aed"
    aed.mkdir()
    with (aed / "gold.jsonl").open("w") as gold:
        for number in range(3):
            text = "\n".join(f"{TEXT} And it has room for {cars} cars and {number} bicycles." for cars in range(12))
            body = "".join(f"<p>{line}</p>" for line in text.split("\n"))
            (aed / f"{number}.html.gz").write_bytes(
                gzip.compress(
                    f"<html><body><h1>The ferry, {number}</h1><article>{body}</article></body></html>".encode()
                )
            )
            url = f"https://bote{number}.example/{number}"
            gold.write(
                json.dumps({"file": f"{number}.html.gz", "url": url, "title": f"The ferry, {number}", "text": text})
                + "\n"
            )
    return tmp_path


def test_the_benchmark_prints_every_parser_and_writes_its_figures(folder: Path, tmp_path: Path, capsys):
    found = tmp_path / "figures.json"

    code = extraction.main(
        ["--data", str(folder), "--sets", "aed", "--no-rivals", "--rounds", "1", "--folds", "2", "--json", str(found)]
    )

    assert code == 0
    printed = capsys.readouterr().out
    assert "aed, 3 pages" in printed
    assert "wiredesk - trafilatura" in printed
    figures = json.loads(found.read_text())["aed"]["figures"]
    assert set(figures) == {"trafilatura", "trafilatura, best", "trafilatura, fast", "wiredesk"}
    assert figures["wiredesk"]["f1"] > 0.9
    assert figures["wiredesk"]["title"] == figures["wiredesk"]["language"] == 1.0
    assert figures["trafilatura"]["ratio"] == 1.0
    assert "language" not in figures["trafilatura"]


def test_without_pages_it_says_so_in_one_line(tmp_path: Path, capsys):
    assert extraction.main(["--data", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_sample_is_spread_over_the_set(folder: Path):
    assert [page.path.name for page in labelled(folder / "aed", sample=2)] == ["0.html.gz", "1.html.gz"]
    assert len(labelled(folder / "aed", sample=9)) == 3


def test_rivals_that_are_not_installed_are_left_out_with_a_word(folder: Path):
    result = extraction_rivals.read(Path(sys.executable), "newspaper4k", labelled(folder / "aed"))

    assert result == "ModuleNotFoundError: No module named 'newspaper'"


REACHING_OUT = """
import socket
from benchmarks.extraction_rival_run import forbid_network
forbid_network()
for attempt in (
    lambda: socket.create_connection(("127.0.0.1", 9)),
    lambda: socket.getaddrinfo("localhost", 80),
    lambda: socket.socket().bind(("127.0.0.1", 0)),
):
    try:
        attempt()
    except OSError as error:
        print(error)
"""


def test_rivals_cannot_reach_the_network():
    done = subprocess.run(
        [sys.executable, "-c", REACHING_OUT],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout.count("no network here") == 3

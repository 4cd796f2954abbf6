"""From bytes to words: what they are, which encoding they are in, how many words they make."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser import charset, dom, extract, sniff, text
from shared.records import Article, Rejection, RejectionReason

GERMAN = (
    "<html><head>{}</head><body><p>Die Brücke über die Möhne ist für Fußgänger – „endlich“, sagt Jördis.</p>"
    "</body></html>"
)
RUSSIAN = (
    "<html><head>{}</head><body><p>Мост через реку построят к осени, заявил глава города на встрече.</p></body></html>"
)
CZECH = '<html lang="cs"><head>{}</head><body><p>Žluťoučký kůň úpěl ďábelské ódy na mostě.</p></body></html>'
JAPANESE = "<html><head>{}</head><body><p>川にかかる新しい橋は秋までに完成する予定だと市長が述べた。</p></body></html>"


def meta(label: str) -> str:
    return f'<meta http-equiv="Content-Type" content="text/html; charset={label}">'


@pytest.mark.parametrize(
    ("page", "codec", "label", "content_type", "name"),
    [
        (GERMAN, "utf-8", "", None, "utf-8"),
        (GERMAN, "utf-8-sig", "", None, "utf-8"),
        (GERMAN, "utf-16", "", None, "utf-16"),
        (GERMAN, "utf-16-le", "", None, "utf-16"),
        (GERMAN, "cp1252", "iso-8859-1", None, "windows-1252"),
        (GERMAN, "cp1252", "", "text/html; charset=ISO-8859-1", "windows-1252"),
        (GERMAN, "cp1252", "", 'text/html; charset="latin1"', "windows-1252"),
        (GERMAN, "cp1252", "utf-8", None, "windows-1252"),  # the label lies
        (GERMAN, "utf-8", "iso-8859-1", "text/html; charset=iso-8859-1", "utf-8"),  # both labels lie
        (GERMAN, "cp1252", "punycode", None, "windows-1252"),  # no label of the web
        (RUSSIAN, "cp1251", "windows-1251", None, "windows-1251"),
        (RUSSIAN, "koi8_r", "KOI8-R", None, "koi8-r"),
        (RUSSIAN, "cp1251", "", None, "windows-1251"),  # nothing declared: detected
        (CZECH, "cp1250", "", None, "windows-1250"),  # nothing declared but the language
        (JAPANESE, "cp932", "Shift_JIS", None, "shift_jis"),
        (JAPANESE, "euc_jp", "euc-jp", None, "euc-jp"),
        (JAPANESE, "iso2022_jp", "iso-2022-jp", None, "iso-2022-jp"),
        (JAPANESE, "utf-8", "utf-16", None, "utf-8"),
    ],
)
def test_a_page_is_read_in_its_own_encoding(page, codec, label, content_type, name):
    whole = page.format(meta(label) if label else "")

    decoded = charset.decode(whole.encode(codec), content_type)

    assert decoded.utf8.decode("utf-8") == whole
    assert decoded.charset == name


@pytest.mark.parametrize(
    ("head", "content_type", "label"),
    [
        ("", "text/html; charset=ISO-8859-1", "iso-8859-1"),
        ('<meta charset="KOI8-R">', None, "koi8-r"),
        ('<meta charset="koi8-r">', "text/html; charset=utf-8", "utf-8"),
        ("", "text/html", None),
    ],
)
def test_what_a_page_calls_its_encoding_is_kept_beside_what_it_is(head, content_type, label):
    found = extract(GERMAN.format(head).encode(), headers={"content-type": content_type} if content_type else None)
    assert (found.page.charset, found.page.charset_declared) == ("utf-8", label)


def test_http_is_believed_before_meta():
    body = RUSSIAN.format(meta("koi8-r")).encode("cp1251")

    assert "Мост" in charset.decode(body, "text/html; charset=windows-1251").utf8.decode()


def test_a_page_cut_within_a_character_is_still_utf_8():
    body = GERMAN.format("").encode()[:-30]
    cut = body[: body.rindex("“".encode()) + 1]

    assert charset.decode(cut).charset == "utf-8"


@given(
    st.binary(max_size=200), st.sampled_from([None, "text/html; charset=utf-16", "text/html; charset=gbk", "charset=x"])
)
def test_no_bytes_make_decoding_raise(body, content_type):
    charset.decode(body, content_type).utf8.decode("utf-8")


def test_the_encoding_stands_on_the_record():
    found = extract(GERMAN.format("").encode("cp1252"), headers={"content-type": "text/html; charset=iso-8859-1"})

    assert isinstance(found, Article)
    assert found.page.charset == "windows-1252"
    assert "Brücke über die Möhne" in found.text


def test_references_to_windows_characters_mean_what_browsers_show():
    tree = dom.parse(b"<html><body><p>Bridge &#150; &#147;now&#148; &#8211; &#x41;</p></body></html>")

    assert tree is not None
    assert "Bridge – “now” – A" in tree.text_content()


@pytest.mark.parametrize(
    ("body", "declared", "what"),
    [
        (b"%PDF-1.4", "text/html", "a PDF document"),
        (b"GIF89a....", None, "a GIF image"),
        (b"PK\x03\x04....", None, "a ZIP archive or Office document"),
        (b"\x1f\x8b\x08....", "text/html", "gzip-compressed data"),
        (b"....ftypavif", None, "a video or an AVIF image"),
        (
            b"\xef\xbb\xbf<?xml version='1.0'?><!-- x --><feed xmlns='http://www.w3.org/2005/Atom'/>",
            "text/html",
            "an Atom feed",
        ),
        (b"<rdf:RDF xmlns:rdf='x'>", None, "an RSS feed"),
        ('<?xml version="1.0"?><urlset/>'.encode("utf-16"), None, "a sitemap"),
        (b'[{"a": 1}]', "text/html", "JSON"),
        (b"alert(1)", "text/javascript", "a script"),
        (b"a,b,c\n1,2,3", "text/csv", "a table (CSV)"),
        (b"<!DOCTYPE html><html><body>", None, None),
        (b"<!DOCTYPE html><html><body>", "application/pdf", None),
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>", "application/xhtml+xml", None),
        (b"BM\x36\x00\x0c", None, "a BMP image"),
        (b"BMW builds a bridge<p>", None, None),
        (b"MZ <html><body>MZ is a plate number</body></html>", None, None),
        (b"<p>A fragment", None, None),
        ("<html><body>ü".encode("utf-16"), None, None),
        (b"{ not json } <html><body>", None, None),
    ],
)
def test_bytes_are_told_apart(body, declared, what):
    assert sniff.not_html(body, declared) == what


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("", 0),
        ("The bridge isn't built, it's planned.", 6),
        ("1,5 Millionen für 3.000 Fußgänger", 5),
        ("well-known bridge", 2),
        ("橋を渡る", 4),
        ("橋をわたるバス", 6),
        ("다리를 건너다", 2),
        ("สะพานใหม่", 3),
        ("The 橋 bridge", 3),
        ("Мост построен", 2),
        ("...", 0),
    ],
)
def test_words_are_counted_as_readers_would(words, count):
    assert text.word_count(words) == count


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  two\n words ", "two words"),
        ("AT&amp;amp;T", "AT&T"),
        ("a <b>bold</b> word", "a bold word"),
        ("&lt;b&gt;bold&lt;/b&gt;", "bold"),
        ("1 < 2", "1 < 2"),
        ("a\u200bb\u00adc", "abc"),
        ("x\ud800y\x00z", "x y z"),
        ("u\u0308ber", "über"),
    ],
)
def test_one_line_of_text_is_made_plain(raw, clean):
    assert text.plain(raw) == clean


@given(st.text(max_size=200))
def test_plain_text_is_storable_and_stays_as_it_is(value):
    once = text.plain(value)

    once.encode("utf-8")
    assert "\n" not in once
    assert "\x00" not in once


def test_what_is_random_is_no_page() -> None:
    noise = random.Random(7).randbytes(3000)
    found = extract(noise)
    assert isinstance(found, Rejection)
    assert found.reason is RejectionReason.NOT_HTML

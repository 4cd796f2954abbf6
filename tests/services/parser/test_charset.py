"""Bytes that lie about their encoding, in every way that pages do; none makes the parser raise."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser import charset, extract, mojibake, sniff
from shared.records import Article, Rejection, RejectionReason

TEXTS = {
    "de": "Die Brücke über die Möhne ist für Fußgänger – „endlich“, sagt Jördis. Größere Schiffe müssen warten.",
    "fr": "L’été dernier, la forêt brûlait déjà : « c’était prévisible », a déclaré la préfète à l’assemblée générale.",
    "cs": "Žluťoučký kůň úpěl ďábelské ódy na mostě, který město otevřelo teprve včera odpoledne.",
    "pl": "Rada miasta zdecydowała o przełożeniu remontu starego portu na przyszłą wiosnę, bo grozi mu zawalenie.",
    "tr": "Belediye meclisi eski limanın yenilenmesini gelecek bahara ertelemeye karar verdi, çünkü güvenlik önce.",
    "ru": "Мост через реку построят к осени, заявил глава города на встрече с жителями набережной.",
    "uk": "Міська рада вирішила відкласти реконструкцію старого порту до наступної весни, бо він небезпечний.",
    "el": "Το δημοτικό συμβούλιο αποφάσισε να αναβάλει την ανακαίνιση του παλιού λιμανιού για την άνοιξη.",
    "he": "מועצת העיר החליטה ביום שלישי בערב לדחות את שיפוץ הנמל הישן לאביב הבא, לאחר אזהרה.",
    "ar": "قرر مجلس المدينة مساء الثلاثاء تأجيل تجديد الميناء القديم إلى الربيع المقبل.",
    "lt": "Miesto taryba nusprendė atidėti senojo uosto atnaujinimą iki kito pavasario, nes pamatai blogos būklės.",
    "th": "สภาเมืองมีมติเมื่อค่ำวันอังคารให้เลื่อนการปรับปรุงท่าเรือเก่าออกไปจนถึงฤดูใบไม้ผลิหน้า",
    "ja": "川にかかる新しい橋は秋までに完成する予定だと市長が述べた。住民は歓迎している。",
    "ko": "시의회는 화요일 저녁 옛 항구의 보수 공사를 내년 봄까지 연기하기로 결정했다.",
    "zh": "市议会周二晚间决定将旧港口的翻修工程推迟到明年春天，此前工程师警告说地基不稳。",
    "zh-Hant": "市議會週二晚間決定將舊港口的翻修工程延後到明年春天，此前工程師警告說地基不穩。",
}
LEGACY = {
    "de": "cp1252", "fr": "cp1252", "cs": "cp1250", "pl": "cp1250", "tr": "cp1254", "ru": "cp1251", "uk": "cp1251",
    "el": "cp1253", "he": "cp1255", "ar": "cp1256", "lt": "cp1257", "th": "cp874", "ja": "cp932", "ko": "cp949",
    "zh": "gb18030", "zh-Hant": "big5hkscs",
}  # fmt: skip
LIES = ("", "utf-8", "iso-8859-1", "windows-1252", "us-ascii", "utf-16", "x-user-defined", "none")


def page(text: str, *, lang: str = "", label: str = "", before: str = "") -> str:
    attribute = f' lang="{lang}"' if lang else ""
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={label}">' if label else ""
    paragraphs = "".join(f"<p>{text}</p>" for _ in range(3))
    return f"<!DOCTYPE html><html{attribute}><head>{before}{meta}</head><body>{paragraphs}</body></html>"


def twice(text: str, codec: str) -> bytes:
    """``text`` as it comes out where its UTF-8 is taken for ``codec``: bytes that the codec lacks become controls."""
    return "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in text.encode()).encode()


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("lang", LEGACY)
def test_a_false_or_missing_label_is_seen_through(lang, lie):
    whole = page(TEXTS[lang], lang=lang, label=lie)
    assert charset.decode(whole.encode(LEGACY[lang])).utf8.decode() == whole


@pytest.mark.parametrize("lang", LEGACY)
def test_utf_8_is_utf_8_whatever_the_label(lang):
    whole = page(TEXTS[lang], label="iso-8859-1")
    found = charset.decode(whole.encode(), f"text/html; charset={LEGACY[lang]}")
    assert (found.utf8.decode(), found.charset, found.mended) == (whole, "utf-8", None)


@pytest.mark.parametrize("codec", ["koi8_r", "iso8859_5", "cp866"])
@pytest.mark.parametrize("label", ["", "windows-1251", "utf-8"])
def test_the_older_cyrillic_encodings_are_not_taken_for_the_usual_one(codec, label):
    whole = page(TEXTS["ru"], lang="ru", label=label)
    assert charset.decode(whole.encode(codec)).utf8.decode() == whole


@pytest.mark.parametrize(
    "label",
    ["latin2", "ISO_8859-2:1987", "cyrillic", "greek8", "csshiftjis", "gb_2312", "ks_c_5601-1989", "L5", "unicode"],
)
def test_every_label_of_the_web_is_known(label):
    assert charset.codec_of(label) is not None


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("start", ["", "\n\n", "<?xml version='1.0'?>\n"])
def test_wide_encodings_are_told_by_their_mark_or_by_their_zeros(codec, start):
    whole = start + page(TEXTS["ru"], label="utf-8")
    body = whole.encode(codec)

    assert sniff.not_html(body) is None
    found = charset.decode(body, "text/html; charset=utf-8")
    assert found.utf8.decode() == whole
    assert found.charset == codec[:6]


@pytest.mark.parametrize("marks", [1, 2, 3])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le"])
def test_byte_order_marks_are_no_text_however_many_there_are(marks, codec):
    found = charset.decode(("\ufeff" * marks + page(TEXTS["de"])).encode(codec))
    assert found.utf8.decode() == page(TEXTS["de"])


def test_a_label_far_down_is_found_and_one_in_a_comment_or_a_script_is_not():
    far = page(TEXTS["pl"], label="iso-8859-2", before="<style>" + "a{}" * 3000 + "</style>")
    body = far.encode("iso8859_2")
    assert (charset.decode(body).charset, charset.declared(body)) == ("iso-8859-2", "iso-8859-2")
    for hidden in ('<!-- <meta charset="koi8-r"> -->', '<script charset="koi8-r"></script>', "<p>charset=koi8-r</p>"):
        assert charset.declared(hidden.encode()) is None


@pytest.mark.parametrize("lang", ["de", "fr", "cs", "ru", "uk", "el", "he", "ja", "zh", "ko", "tr"])
def test_what_was_encoded_twice_is_mended_and_said_to_be(lang):
    whole = page(TEXTS[lang])
    found = charset.decode(twice(whole, "cp1252"))
    assert (found.utf8.decode(), found.charset, found.mended) == (whole, "utf-8", "windows-1252")


@pytest.mark.parametrize("lang", ["ru", "uk"])
def test_cyrillic_that_was_encoded_twice_by_its_own_code_page_is_mended(lang):
    whole = page(TEXTS[lang])
    found = charset.decode(twice(whole, "cp1251"))
    assert (found.utf8.decode(), found.mended) == (whole, "windows-1251")


def test_what_was_encoded_three_times_is_mended():
    whole = page(TEXTS["de"])
    assert charset.decode(twice(twice(whole, "cp1252").decode(), "cp1252")).utf8.decode() == whole


def test_a_passage_that_was_encoded_twice_is_mended_amid_others_that_were_not():
    body = page(TEXTS["fr"]).encode().replace(b"</body>", b"<p>" + twice(TEXTS["de"], "cp1252") + b"</p></body>")
    text = charset.decode(body).utf8.decode()
    assert TEXTS["fr"] in text
    assert TEXTS["de"] in text


@pytest.mark.parametrize(
    "text",
    [
        *TEXTS.values(),
        "« L’été », dit-elle, « c’est fini ; le café\u00a0», répond-on : « à\u00a0» et « déjà\u00a0».",
        "A PARTIR DE AMANHÃ”: “MANHÔ e “AMANHÔ, NAÇÕES UNIDAS, SÃO PAULO.",
        "Statt „für“ stand dort „fÃ¼r“, statt „Öl“ stand „Ã–l“, statt „Käse“ stand „KÃ¤se“ – ein Fehler beim Lesen.",
        "РС, РФ, СССР и США: «РЕГИОН» и «СТРАНА».",
        "Ærø, Århus, Øresund, Åland – ÄÖÜ, Ñandú, Ðuro, Îles, Âge, ãe, õe",
    ],
)
def test_text_that_only_resembles_it_stays_as_it_is(text):
    whole = page(text).encode()
    assert mojibake.mend(whole) == (whole, None)


def test_stray_bytes_of_another_encoding_are_read_in_it():
    body = page(TEXTS["ru"]).encode().replace(b"</body>", b"<p>caf\xe9 \x93na\xefve\x94 \x96 M\xfcller</p></body>")
    text = charset.decode(body).utf8.decode()
    assert "<p>café “naïve” – Müller</p>" in text
    assert TEXTS["ru"] in text


def test_half_a_letter_is_no_other_letter():
    body = page(TEXTS["pl"]).encode().replace(b"</body>", "<p>papierosó".encode()[:-1] + b"...</p></body>")
    assert "<p>papieros\ufffd...</p>" in charset.decode(body).utf8.decode()


def test_surrogates_become_the_character_that_they_are_of():
    body = page(TEXTS["de"]).encode().replace(b"</body>", b"<p>\xed\xa0\xbd\xed\xb8\x80</p></body>")
    assert "<p>😀</p>" in charset.decode(body).utf8.decode()


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "cp932", "gb18030", "iso2022_jp"])
def test_a_page_cut_anywhere_is_read_up_to_there(codec):
    body = page(TEXTS["ja"], lang="ja", label="utf-8" if codec == "utf-8" else codec.replace("_", "-")).encode(codec)
    for end in range(len(body) - 120, len(body) - 60):
        assert "川にかかる" in charset.decode(body[:end]).utf8.decode()


@given(st.binary(max_size=300), st.sampled_from(["", "utf-8", "utf-16", "gbk", "koi8-r", "iso-2022-jp", "x"]))
def test_what_comes_out_is_always_utf_8_without_a_mark(body, label):
    found = charset.decode(body, f"text/html; charset={label}" if label else None)
    found.utf8.decode("utf-8")
    assert not charset.marked(found.utf8)[0] or not body.startswith(b"\xef\xbb\xbf")


WORDS = "The council voted on Tuesday evening to put off the renovation of the old harbour until next spring. "
ARTICLE = (
    f"<html><head><title>Harbour</title></head><body><h1>Harbour</h1><p>{WORDS * 3}</p><p>{WORDS * 3}</p></body></html>"
)


@pytest.mark.parametrize(
    "body",
    [
        ARTICLE.encode("utf-32"),
        ARTICLE.encode("utf-16-be"),
        ARTICLE.replace("spring", "spr\x00in\x01g\x0b").encode(),
        ARTICLE.replace("</h1>", "</h1>\x00\x00\x00").encode(),
        ARTICLE.encode().replace(b"<p>", b"<p>\xed\xa0\x80 \xff\xfe "),
        ARTICLE.encode().replace(b"</h1>", b"</h1><p>\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20 + b"</p>"),
        ARTICLE.encode()[:-60],
        b"\xef\xbb\xbf\xef\xbb\xbf" + ARTICLE.encode(),
        ("<?xml version='1.0' encoding='utf-8'?>\n" + ARTICLE.replace("<html>", "<html xmlns='http://www.w3.org/1999/xhtml'>")).encode(),
        ARTICLE.replace("<html>", '<!doctype html><html amp><script async src="https://cdn.example/v0.js"></script>').encode(),
        ARTICLE.replace("<p>", "<![CDATA[ x ]]><p>").encode(),
    ],
    ids=[
        "UTF-32", "UTF-16 unmarked", "controls", "zeros", "surrogates", "binary", "cut", "two marks", "XHTML", "AMP",
        "CDATA",
    ],
)  # fmt: skip
def test_an_article_comes_out_of_damaged_bytes(body):
    found = extract(body)
    assert isinstance(found, Article)
    assert "renovation of the old harbour" in found.text
    assert "\x00" not in found.model_dump_json()


@pytest.mark.parametrize(
    ("body", "reason", "detail"),
    [
        (gzip.compress(ARTICLE.encode()), RejectionReason.NOT_HTML, "gzip-compressed"),
        (b"", RejectionReason.EMPTY_PAGE, "no content"),
        (b"\xef\xbb\xbf", RejectionReason.EMPTY_PAGE, "no content"),
        (b"\xff\xfe\x00\x00", RejectionReason.EMPTY_PAGE, "no content"),
        (b"\x00" * 5000, RejectionReason.EMPTY_PAGE, "no content"),
        (b'<?xml version="1.0"?><catalog><item>A ferry</item></catalog>', RejectionReason.NOT_HTML, "an XML document"),
        (
            b'<html><frameset cols="20%,80%"><frame src="menu.html"><frame src="text.html"></frameset></html>',
            RejectionReason.NO_TEXT,
            "no article text",
        ),
    ],
    ids=["gzip", "empty", "a mark alone", "a wide mark alone", "zeros", "XML", "frameset"],
)
def test_what_holds_no_article_is_rejected_with_a_reason(body, reason, detail):
    found = extract(body)
    assert isinstance(found, Rejection)
    assert found.reason is reason
    assert detail in (found.detail or "")


def test_what_was_mended_stands_on_the_record():
    text = " ".join([TEXTS["de"]] * 3)
    found = extract(twice(f"<html><body><h1>Brücke</h1><p>{text}</p><p>{text}</p></body></html>", "cp1252"))
    assert isinstance(found, Article)
    assert (found.page.charset, found.page.charset_mended) == ("utf-8", "windows-1252")
    assert "Größere Schiffe müssen warten" in found.text


RIVALS = {
    "EUC-JP": ("ja", "東京で会議が開かれた。", "euc_jp"),
    "Shift_JIS": ("ja", "東京で会議が開かれた。", "cp932"),
    "Big5": ("zh", TEXTS["zh-Hant"], "big5hkscs"),
    "GBK": ("zh-TW", TEXTS["zh"], "gb18030"),
    "ISO-8859-6": ("ar", TEXTS["ar"], "iso8859_6"),
    "windows-1256": ("ar", TEXTS["ar"], "cp1256"),
    "ISO-8859-15": ("fr", "Le cœur de la ville a coûté 300 € à l'État, dit la sœur du maire.", "iso8859_15"),
    "windows-1252": (
        "fr",
        "Le c\u0153ur de la ville a coûté 300 \u20ac à l\u2019État, dit la s\u0153ur du maire.",
        "cp1252",
    ),
    "windows-1252 without its own signs": ("en", "It\xb4s half a café, \xbd a mile away, for \xa3300.", "cp1252"),
}


@pytest.mark.parametrize(("lang", "text", "codec"), RIVALS.values(), ids=RIVALS)
def test_of_a_languages_encodings_the_one_that_makes_sense_is_taken(lang, text, codec):
    whole = f'<html lang="{lang}"><body><p>{text}</p></body></html>'
    assert charset.decode(whole.encode(codec)).utf8.decode() == whole


@pytest.mark.parametrize("name", ["EUC-JP", "Shift_JIS", "Big5"])
def test_of_encodings_that_a_detector_confuses_too(name):
    _, text, codec = RIVALS[name]
    whole = f"<html><body><h1>{text[:8]}</h1><p>{text}</p></body></html>"
    assert charset.decode(whole.encode(codec)).utf8.decode() == whole

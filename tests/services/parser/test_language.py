"""The language of a text: what a detector says of it, weighed with what page and feed declare."""

from __future__ import annotations

import pytest

from services.parser import language
from services.parser.languagecodes import CODES
from services.parser.witness import Witness

# The same news in languages that are taken for one another, and in scripts of their own.
NEWS = {
    "en": "The council voted on Tuesday evening to put off the renovation of the old harbour until next spring.",
    "de": "Der Stadtrat hat am Dienstagabend beschlossen, die Sanierung des alten Hafens zu verschieben.",
    "nl": "De gemeenteraad heeft dinsdagavond besloten om de renovatie van de oude haven uit te stellen.",
    "af": "Die stadsraad het Dinsdagaand besluit om die opknapping van die ou hawe tot volgende lente uit te stel.",
    "sv": "Kommunfullmäktige beslutade på tisdagskvällen att skjuta upp renoveringen av den gamla hamnen.",
    "da": "Byrådet besluttede tirsdag aften at udskyde renoveringen af den gamle havn, efter at ingeniører advarede.",
    "no": "Bystyret vedtok tirsdag kveld å utsette renoveringen av den gamle havnen, etter at ingeniører advarte.",
    "nn": "Bystyret vedtok tysdag kveld å utsetje renoveringa av den gamle hamna, etter at ingeniørar åtvara om ho.",
    "es": "El ayuntamiento decidió el martes por la noche aplazar hasta la primavera la renovación del viejo puerto.",
    "pt": "A câmara municipal decidiu na terça-feira à noite adiar para a primavera a renovação do velho porto.",
    "gl": "O concello decidiu o martes pola noite adiar ata a vindeira primavera a renovación do vello porto.",
    "ca": "L'ajuntament va decidir dimarts al vespre ajornar fins a la primavera vinent la renovació del port vell.",
    "cs": "Městská rada v úterý večer rozhodla odložit opravu starého přístavu na příští jaro, jak řekla.",
    "sk": "Mestské zastupiteľstvo v utorok večer rozhodlo odložiť opravu starého prístavu na budúcu jar.",
    "ru": "Городской совет во вторник вечером решил отложить реконструкцию старого порта до следующей весны.",
    "uk": "Міська рада у вівторок увечері вирішила відкласти реконструкцію старого порту до наступної весни.",
    "be": "Гарадскі савет у аўторак увечары вырашыў адкласці рэканструкцыю старога порта да наступнай вясны.",
    "bg": "Градският съвет реши във вторник вечерта да отложи ремонта на старото пристанище за следващата пролет.",
    "id": "Dewan kota memutuskan pada Selasa malam untuk menunda renovasi pelabuhan lama hingga musim semi mendatang.",
    "ms": "Majlis bandar raya memutuskan pada malam Selasa untuk menangguhkan kerja pengubahsuaian pelabuhan lama itu.",
    "fa": "شورای شهر سه‌شنبه شب تصمیم گرفت بازسازی بندر قدیمی را تا بهار آینده به تعویق بیندازد.",
    "ar": "قرر مجلس المدينة مساء الثلاثاء تأجيل تجديد الميناء القديم إلى الربيع المقبل، بعد أن حذر المهندسون.",
    "ur": "شہری کونسل نے منگل کی شام پرانی بندرگاہ کی مرمت کا کام اگلے موسم بہار تک ملتوی کرنے کا فیصلہ کیا۔",
    "hi": "नगर परिषद ने मंगलवार शाम को पुराने बंदरगाह के नवीनीकरण को अगले वसंत तक टालने का फैसला किया।",
    "mr": "नगर परिषदेने मंगळवारी संध्याकाळी जुन्या बंदराचे नूतनीकरण पुढील वसंत ऋतूपर्यंत पुढे ढकलण्याचा निर्णय घेतला.",
    "ne": "नगर परिषद्ले मंगलबार साँझ पुरानो बन्दरगाहको पुनर्निर्माण आगामी वसन्तसम्म सार्ने निर्णय गरेको छ।",
    "ja": "市議会は火曜日の夜、古い港の改修工事を来春まで延期することを決めた。安全が第一だと市長は述べた。",
    "ko": "시의회는 화요일 저녁 옛 항구의 보수 공사를 내년 봄까지 연기하기로 결정했다. 안전이 우선이라고 말했다.",
    "el": "Το δημοτικό συμβούλιο αποφάσισε το βράδυ της Τρίτης να αναβάλει την ανακαίνιση του παλιού λιμανιού.",
}
CHINESE = (
    "市议会周二晚间决定将旧港口的翻修工程推迟到明年春天，此前工程师警告说，地基的状况比预期的更糟。",
    "市議會週二晚間決定將舊港口的翻修工程延後到明年春天，此前工程師警告說，地基的狀況比預期的更糟。",
)
# Not one word of it is of one of the three languages alone.
SOUTH_SLAVIC = "Trgovci uz obalu strahuju da će još jedna zima sa zatvorenim ulicama zauvijek otjerati kupce iz grada."
LOREM = (
    "Lorem ipsum dolor sit amet, consectetur adipisicing elit, sed do eiusmod tempor incididunt ut labore et dolore "
    "magna aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo. "
)
SCRAMBLED = (
    "Bjagybpvymp Tfcfh dr Hqsemx, ahp Oogu iah fudvs Kvd gof gqnxvdzczdo rxnq mhe Wwfc vthwk Ujzc mrl qgtbvw Xlkay. "
    "Ysfxqetcp ygixqjfiy if cfy taf pfks wngl tzmlxrida gpm tlhfhj Qjtvduejnn kf, ap rba Wrqh gjy Nqcavtxq kxg ohwf. "
)


def spoken(text: str, **declared: str) -> language.Spoken:
    return language.choose(text, tuple(Witness(source, value) for source, value in declared.items()))


@pytest.mark.parametrize(("code", "text"), NEWS.items(), ids=NEWS)
def test_a_sentence_of_news_is_told_from_its_cousins(code, text):
    found = spoken(text)

    assert found.code == code
    assert found.confidence is not None
    assert found.confidence >= language.LIKELY
    assert not found.mismatch


@pytest.mark.parametrize("text", CHINESE)
@pytest.mark.parametrize("declared", ["zh-Hans", "zh-TW", "yue", "cmn-Hant", "ZH_hk"])
def test_chinese_is_one_language_in_either_script(text, declared):
    assert spoken(text).code == "zh"
    assert spoken(text, html=declared).code == "zh"


def test_what_is_declared_settles_what_the_text_leaves_open():
    assert [spoken(SOUTH_SLAVIC, html=code).code for code in ("hr", "bs", "sr")] == ["hr", "bs", "sr"]
    assert spoken(SOUTH_SLAVIC, html="hr").provenance.source in {"html", "py3langid"}  # type: ignore[union-attr]


def test_no_declaration_changes_what_the_text_makes_plain():
    long = " ".join([NEWS["da"]] * 4)
    assert spoken(long, html="no", og="nb_NO").code == "da"
    assert spoken(NEWS["de"], html="en-US").code == "de"


def test_a_cousin_that_is_declared_is_no_mismatch_and_a_stranger_is():
    long = " ".join([NEWS["da"]] * 4)
    assert not spoken(long, html="no").mismatch
    assert spoken(long, html="en").mismatch
    assert not spoken(long, html="en", feed="da-DK").mismatch


def test_little_text_is_no_evidence():
    assert spoken("Ja, nein.") == language.Spoken()
    declared = spoken("Ja, nein.", html="de-DE")
    assert (declared.code, declared.confidence) == ("de", None)


@pytest.mark.parametrize("text", ["", "12:45 – 3:1 (2:0)", "+++ 17.04. +++ 18.04. +++" * 20, "🙂" * 100])
def test_what_is_in_no_language_has_none(text):
    found = spoken(text)
    assert (found.code, found.confidence) == (None, None)


def test_a_few_words_in_another_script_do_not_make_a_text_foreign():
    text = " ".join([NEWS["en"]] * 12).replace("harbour", "港の改修工事", 3)
    assert spoken(text, html="en").code == "en"


def test_a_quotation_at_the_beginning_does_not_decide():
    assert spoken(f"{NEWS['ru']} {' '.join([NEWS['en']] * 20)}").code == "en"


def test_the_same_text_always_gets_the_same_answer():
    assert len({spoken(NEWS["gl"], html="es") for _ in range(5)}) == 1


@pytest.mark.parametrize("filler", [LOREM, SCRAMBLED])
def test_filler_after_the_first_paragraphs_is_told_from_the_text(filler):
    found = spoken(" ".join([NEWS["de"]] * 3) + " " + filler * 5, html="de")
    assert (found.code, found.filler) == ("de", True)


@pytest.mark.parametrize(
    "text",
    [
        " ".join([NEWS["de"]] * 12),
        " ".join([NEWS["en"]] * 6) + " Gallia est omnis divisa in partes tres.",
        " ".join([NEWS["en"]] * 6) + "\nfor (i = 0; i < n; i++) { a[i] = 0x1f; }" * 12,
    ],
    ids=["whole", "a quotation in Latin", "program code"],
)
def test_an_article_without_filler_has_none(text):
    assert not spoken(text).filler


def test_a_placeholder_is_in_the_language_that_its_page_declares_or_in_none():
    assert spoken(LOREM * 4, html="en").code == "en"
    assert spoken(LOREM * 4).code is None
    assert not spoken(LOREM * 4).filler


def test_latin_is_believed_where_it_is_declared():
    assert spoken(LOREM * 4, html="la").code == "la"


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        ("EN-us", "en"),
        ("de_DE", "de"),
        ("de-DE, de-AT", "de"),
        ("de, en", None),
        ("ger", "de"),
        ("deu", "de"),
        ("nb-NO", "no"),
        ("nno", "nn"),
        ("zxx", None),
        ("und", None),
        ("x-default", None),
        ("yue", "zh"),
        ("zh-Hant-TW", "zh"),
        ("en_US.UTF-8", "en"),
        ("iw", "he"),
        ("fil", "tl"),
        ("pcm", None),
        ("sh", None),
        ("english", None),
        ("e", None),
        ("", None),
        ("../..", None),
    ],
)
def test_declared_languages_come_out_as_iso_639_1_or_not_at_all(declared, code):
    assert language.normal(declared) == code


def test_every_code_has_two_letters():
    assert len(CODES) > 180
    assert {len(code) for code in CODES} == {2}

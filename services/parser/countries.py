"""Countries as ISO 3166-1 alpha-2 codes, from the codes and names that pages write. Pure."""

from __future__ import annotations

from services.parser.text import words

_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH
KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY
UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
CODES = frozenset(_CODES.split())
_NAMES = {
    "AE": "united arab emirates, uae, are", "AR": "argentina, arg", "AT": "austria, österreich, aut",
    "AU": "australia, aus", "BD": "bangladesh, bgd", "BE": "belgium, belgique, belgië, belgien, bel",
    "BG": "bulgaria, българия, bgr", "BR": "brazil, brasil, bra", "CA": "canada, can",
    "CH": "switzerland, schweiz, suisse, svizzera, che", "CL": "chile, chl", "CN": "china, 中国, 中國, chn",
    "CO": "colombia, col", "CZ": "czech republic, czechia, česko, česká republika, cze",
    "DE": "germany, deutschland, allemagne, deu, ger", "DK": "denmark, danmark, dnk", "EE": "estonia, eesti, est",
    "EG": "egypt, مصر, egy", "ES": "spain, españa, espanya, esp", "FI": "finland, suomi, fin", "FR": "france, fra",
    "GB": "united kingdom, uk, great britain, england, scotland, wales, gbr", "GH": "ghana, gha",
    "GR": "greece, ελλάδα, ελλάς, grc", "HK": "hong kong, 香港, hkg", "HR": "croatia, hrvatska, hrv",
    "HU": "hungary, magyarország, hun", "ID": "indonesia, idn", "IE": "ireland, éire, irl", "IL": "israel, ישראל, isr",
    "IN": "india, भारत, ind", "IR": "iran, ایران, irn", "IT": "italy, italia, italien, ita", "JP": "japan, 日本, jpn",
    "KE": "kenya, ken", "KR": "south korea, korea, republic of korea, 대한민국, 한국, kor",
    "KZ": "kazakhstan, казахстан, kaz",
    "LB": "lebanon, لبنان, lbn", "LI": "liechtenstein, lie", "LS": "lesotho, lso", "LT": "lithuania, lietuva, ltu",
    "LU": "luxembourg, luxemburg, lëtzebuerg, lux", "LV": "latvia, latvija, lva", "MX": "mexico, méxico, mex",
    "MY": "malaysia, mys", "NG": "nigeria, nga", "NL": "netherlands, the netherlands, nederland, nld",
    "NO": "norway, norge, nor", "NZ": "new zealand, nzl", "PE": "peru, perú, per", "PH": "philippines, phl",
    "PK": "pakistan, pak", "PL": "poland, polska, pol", "PT": "portugal, prt", "RO": "romania, românia, rou",
    "RS": "serbia, srbija, србија, srb", "RU": "russia, russian federation, россия, российская федерация, rus",
    "SA": "saudi arabia, السعودية, sau", "SE": "sweden, sverige, swe", "SG": "singapore, sgp",
    "SI": "slovenia, slovenija, svn", "SK": "slovakia, slovensko, svk", "TH": "thailand, ไทย, tha",
    "TR": "turkey, türkiye, tur", "TW": "taiwan, 台灣, twn", "UA": "ukraine, україна, ukr",
    "US": "united states, united states of america, usa, u.s.a., u.s.", "VN": "vietnam, việt nam, vnm",
    "ZA": "south africa, zaf",
}  # fmt: skip
_BY_NAME = {" ".join(words(name)): code for code, names in _NAMES.items() for name in names.split(",")}


def code_of(said: str) -> str | None:
    """The code of a country given as one, or by its name in English or its own languages; else ``None``."""
    text = said.strip()
    upper = text.upper()
    if len(text) == 2 and upper in CODES:
        return upper
    return _BY_NAME.get(" ".join(words(text)))

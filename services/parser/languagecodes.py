"""Languages as ISO 639-1 codes: what pages, feeds and the detector call them, made one. Pure."""

from __future__ import annotations

import re


def _pairs(listed: str) -> dict[str, str]:
    return dict(pair.split(":") for pair in listed.split())


_TAG = re.compile(r"([a-zA-Z]{2,3})(?:[-_.].*)?")
# ISO 639-1 with the three letters that ISO 639-2/T and 639-3 have for it; ISO 639-2/B and others are below. ``sh``,
# which ISO withdrew for being three languages, is none of them.
_THREE = _pairs("""
aar:aa abk:ab afr:af aka:ak amh:am ara:ar arg:an asm:as ava:av ave:ae aym:ay aze:az bak:ba bam:bm bel:be ben:bn
bih:bh bis:bi bod:bo bos:bs bre:br bul:bg cat:ca ces:cs cha:ch che:ce chu:cu chv:cv cor:kw cos:co cre:cr cym:cy
dan:da deu:de div:dv dzo:dz ell:el eng:en epo:eo est:et eus:eu ewe:ee fao:fo fas:fa fij:fj fin:fi fra:fr fry:fy
ful:ff gla:gd gle:ga glg:gl glv:gv grn:gn guj:gu hat:ht hau:ha heb:he her:hz hin:hi hmo:ho hrv:hr hun:hu hye:hy
ibo:ig ido:io iii:ii iku:iu ile:ie ina:ia ind:id ipk:ik isl:is ita:it jav:jv jpn:ja kal:kl kan:kn kas:ks kat:ka
kau:kr kaz:kk khm:km kik:ki kin:rw kir:ky kom:kv kon:kg kor:ko kua:kj kur:ku lao:lo lat:la lav:lv lim:li lin:ln
lit:lt ltz:lb lub:lu lug:lg mah:mh mal:ml mar:mr mkd:mk mlg:mg mlt:mt mon:mn mri:mi msa:ms mya:my nau:na nav:nv
nbl:nr nde:nd ndo:ng nep:ne nld:nl nno:nn nor:no nya:ny oci:oc oji:oj ori:or orm:om oss:os pan:pa pli:pi pol:pl
por:pt pus:ps que:qu roh:rm ron:ro run:rn rus:ru sag:sg san:sa sin:si slk:sk slv:sl sme:se smo:sm sna:sn snd:sd
som:so sot:st spa:es sqi:sq srd:sc srp:sr ssw:ss sun:su swa:sw swe:sv tah:ty tam:ta tat:tt tel:te tgk:tg tgl:tl
tha:th tir:ti ton:to tsn:tn tso:ts tuk:tk tur:tr twi:tw uig:ug ukr:uk urd:ur uzb:uz ven:ve vie:vi vol:vo wln:wa
wol:wo xho:xh yid:yi yor:yo zha:za zho:zh zul:zu
""")
CODES = frozenset(_THREE.values())
"""ISO 639-1, less what no page can mean by it."""

# ISO 639-2/B; the parts of a macrolanguage (ISO 639-3), under whose code their news are read; codes that ISO took back;
# countries that pages give for their language. Bokmål goes under Norwegian, as readers who ask for one want the other.
_OTHERS = _pairs("""
alb:sq arm:hy baq:eu bur:my chi:zh cze:cs dut:nl fre:fr geo:ka ger:de gre:el ice:is mac:mk mao:mi may:ms per:fa
rum:ro slo:sk tib:bo wel:cy scc:sr scr:hr nb:no nob:no cmn:zh yue:zh wuu:zh hak:zh nan:zh lzh:zh arb:ar arz:ar
ary:ar apc:ar pes:fa prs:fa ekk:et lvs:lv ltg:lv swh:sw zsm:ms npi:ne ory:or uzn:uz uzs:uz azj:az azb:az khk:mn
plt:mg gaz:om pbt:ps pst:ps als:sq ydd:yi kmr:ku ckb:ku sdh:ku fuv:ff gug:gn quz:qu fil:tl grc:el hbo:he iw:he in:id
ji:yi jw:jv mo:ro mol:ro cz:cs jp:ja gr:el ua:uk kr:ko cn:zh dk:da
""")


def normal(code: str) -> str | None:
    """A declared language as its ISO 639-1 code: ``EN-us`` is ``en``, ``ger`` is ``de``, ``yue`` is ``zh``.

    ``None`` for what is no language (``zxx``, ``und``, ``x-default``), has no such code, or names several.
    """
    found = {_one(part.strip()) for part in code.split(",", 4)}
    return found.pop() if len(found) == 1 else None


def folded(label: str) -> str | None:
    """The ISO 639-1 code of a language that a detector named, ``None`` where it has none."""
    return _bare(label)


def _one(tag: str) -> str | None:
    match = _TAG.fullmatch(tag)
    return _bare(match.group(1).lower()) if match else None


def _bare(bare: str) -> str | None:
    bare = _OTHERS.get(bare) or _THREE.get(bare, bare)
    return bare if bare in CODES else None

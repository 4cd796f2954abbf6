"""What news pages put between and around the paragraphs of an article, by kind and language.

Each entry is a regular expression that is matched against a whole line, without case; typographic quotes and spaces
have been made plain. An entry is a form of words that no sentence of an article consists of.
"""

from __future__ import annotations

import re

LABELS: dict[str, tuple[str, ...]] = {
    # "Label: headline of another article" - the label must be followed by a colon, dash or bar, or stand alone.
    "en": (
        r"read (?:more|also|next|on|the full (?:story|article))(?: (?:on|about|from) .{1,60})?",
        r"(?:more|also|further|related|recommended|suggested)(?: (?:reading|read|stories|story|articles?|content|news|coverage|links?|topics?|posts?))?",
        r"see (?:also|more)",
        r"you (?:may|might) (?:also )?(?:like|be interested in|enjoy)(?: .{1,40})?",
        r"more (?:from|on|about) .{1,60}",
        r"(?:most|best) (?:read|popular|viewed|shared)(?: (?:in|on|stories) .{1,40})?",
        r"(?:don't|do not) miss",
        r"(?:watch|listen|watch now|watch more|listen now)",
        r"trending(?: now)?",
        r"editor'?s?'? (?:picks?|choice)",
        r"must[- ]reads?",
        r"top stories",
        r"what (?:to|you should) read next",
    ),
    "de": (
        r"mehr (?:zum thema|dazu|lesen|erfahren|zu diesem thema|aus .{1,40}|über .{1,40}|von .{1,40}|news)",
        r"lesen sie (?:auch|mehr|dazu|hier(?:zu)?|weiter)(?: (?:auch|hier|dazu|mehr|unten))?",
        r"(?:auch|ebenfalls|außerdem) interessant",
        r"das könnte (?:sie|dich|euch)(?: auch)? (?:auch )?interessieren",
        r"(?:siehe|sehen sie|hören sie|schauen sie) auch",
        r"weitere (?:artikel|themen|nachrichten|informationen|meldungen|infos)(?: .{1,40})?",
        r"(?:passend|mehr|alles) dazu",
        r"(?:meistgelesen|beliebt|empfohlen|top-themen|themen)",
        r"zum thema",
        r"lesetipps?",
        r"hintergrund zum thema",
    ),
    "fr": (
        r"(?:à|a) (?:lire|voir|écouter|découvrir)(?: aussi| également)?",
        r"lire (?:aussi|également|la suite|plus)",
        r"(?:sur le même sujet|dans la même rubrique|les plus lus|notre sélection|pour aller plus loin|en savoir plus)",
        r"voir (?:aussi|également)",
    ),
    "es": (
        r"(?:lea|lee|leer|vea|ver|mira|te puede interesar|le puede interesar|puedes leer)(?: (?:también|más|además))?",
        r"(?:más|otras) (?:información|noticias|sobre .{1,40})",
        r"(?:noticias|artículos|temas|contenidos?) relacionad[oa]s?",
        r"también te puede interesar",
    ),
    "pt": (
        r"(?:leia|veja|saiba|confira|ouça|assista)(?: (?:também|mais|ainda|tudo))?(?: (?:sobre|em) .{1,40})?",
        r"(?:notícias|matérias|conteúdos?) relacionad[oa]s?",
    ),
    "it": (
        r"(?:leggi|guarda|vedi|ascolta)(?: anche| pure| tutto)",
        r"(?:per approfondire|potrebbe interessarti(?: anche)?|articoli correlati|notizie correlate|leggi tutto)",
    ),
    "nl": (r"(?:lees|bekijk|luister|kijk) (?:ook|meer|verder)(?: .{1,30})?", r"(?:meer over|gerelateerd)(?: .{1,40})?"),
    "sv": (r"(?:läs|se|lyssna) (?:också|även|mer|vidare)(?: .{1,30})?", r"(?:mer om|mest läst|relaterat)(?: .{1,40})?"),
    "no": (r"(?:les|se|hør) (?:også|mer|videre)(?: .{1,30})?", r"(?:mer om|mest lest|saken fortsetter under annonsen)"),
    "da": (r"(?:læs|se|hør) (?:også|mere|videre)(?: .{1,30})?", r"(?:mere om|mest læste)(?: .{1,40})?"),
    "fi": (r"(?:lue|katso|kuuntele) (?:myös|lisää)(?: .{1,30})?", r"(?:aiheesta lisää|luetuimmat)"),
    "pl": (
        r"(?:czytaj|zobacz|przeczytaj|sprawdź|obejrzyj)(?: (?:także|też|również|więcej|dalej|koniecznie))+",
        r"(?:więcej na ten temat|powiązane artykuły|polecane)",
    ),
    "cs": (r"(?:čtěte|přečtěte si|podívejte se|sledujte)(?: (?:také|též|i|více))+", r"související(?: články)?"),
    "hu": (r"(?:olvassa|olvasd) el(?: .{1,30})?", r"(?:kapcsolódó (?:cikkek|cikk)|ajánljuk|ez is érdekelheti)"),
    "ro": (r"(?:citește|citeşte|vezi|urmărește)(?: (?:și|şi|mai mult|și:))+", r"articole (?:similare|recomandate)"),
    "tr": (r"(?:ayrıca okuyun|ilgili haberler?|bunlar da ilginizi çekebilir|devamını oku)",),
    "lt": (r"(?:skaitykite|skaityk|taip pat skaitykite|susiję straipsniai)(?: .{1,30})?",),
    "ru": (
        r"(?:читайте|читай|смотрите|смотри|слушайте)(?: (?:также|ещё|еще|по теме|далее|подробнее|на .{1,30}))+",
        r"(?:по теме|материалы по теме|ещё по теме|подробнее|больше по теме|рекомендуем)",
    ),
    "uk": (
        r"(?:читайте|дивіться|слухайте)(?: (?:також|ще|далі|більше|по темі))+",
        r"(?:за темою|матеріали за темою|більше за темою|дивіться також)",
    ),
    "el": (r"(?:διαβάστε|δείτε)(?: (?:επίσης|ακόμη|ακόμα|περισσότερα))+",),
    "ar": (r"(?:اقرأ|شاهد|إقرأ)(?:وا)? (?:أيضا|أيضًا|أيضاً|المزيد|ايضا)", r"(?:مواضيع ذات صلة|أخبار ذات صلة)"),
    "he": (r"(?:קראו|צפו|קרא) (?:גם|עוד)", r"כתבות נוספות"),
    "hi": (r"(?:यह भी पढ़ें|ये भी पढ़ें|इसे भी पढ़ें|और पढ़ें)",),
    "ja": (r"(?:関連記事|あわせて読みたい|合わせて読みたい|続きを読む|おすすめ(?:記事|情報)?|関連(?:ニュース|リンク|トピックス))", r"【?関連】?"),
    "zh": (r"(?:相关(?:阅读|新闻|报道|文章|链接)|延伸阅读|更多(?:阅读|新闻|报道)|推荐阅读|相關(?:閱讀|新聞|報導|文章))",),
    "ko": (r"(?:관련 ?기사|관련 ?뉴스|함께 ?읽기|더 ?보기|추천 ?기사)",),
    "zu": (r"funda (?:olunye udaba lapha|nalapha|futhi)",),
}

NOTICES: tuple[str, ...] = (
    # Notices that stand alone on a line: advertising, sharing, comments, accounts, subscriptions.
    r"advert(?:isement|isment|ising)?(?: \d+)?(?: ?[-–:]? ?(?:story|article|content) continues below.*)?",
    r"(?:story|article|content)(?: text)? continues (?:below|after)(?: (?:this|the))?(?: ad(?:vert(?:isement)?)?)?",
    r"(?:scroll to continue|sponsored(?: content)?|promoted|paid content|article content|up next|loading\.*)",
    r"(?:anzeige|werbung|reklame|publicité|publicidad|publicidade|pubblicità|advertentie|annons|annonse|annonce|mainos|реклама)",
    r"(?:share|share this(?: (?:story|article|post))?|share on|follow us(?: on .{1,60})?|teilen|artikel teilen|partager|compartir|compartilhe|condividi|delen|dela|del|udostępnij|поделиться|поділитися)(?: (?:on|auf|sur|en|su|via) .{1,60})?:?",
    r"(?:facebook|twitter|x|whatsapp|telegram|linkedin|e-?mail|pinterest|reddit|print|vk|copy link|link kopieren|drucken)(?:[\s,|/·•]+(?:facebook|twitter|x|whatsapp|telegram|linkedin|e-?mail|pinterest|reddit|print|vk|copy link))*",
    r"(?:leave a comment|join the (?:discussion|conversation)|comments?(?: \(\d+\))?|\d+ comments?|view comments|kommentare?|\d+ kommentare?|reply|kommentieren)",
    r"would you like to comment on this article\?",
    r"please read our comment policy before commenting\.?",
    r"sign up (?:\(it's quick and free\) )?or sign in(?: now)?\.?",
    r"(?:thanks|thank you) for (?:signing up|subscribing|reading|your feedback)(?: .{1,40})?[!.]?",
    r"your subscription has been confirmed\..{0,60}",
    r"(?:log in|sign in|sign up|register|subscribe|anmelden|registrieren|abonnieren|jetzt (?:abonnieren|anmelden))(?: (?:now|here|to continue|or create an account to continue))?[!.]?",
    r"(?:log in|sign in) or (?:create an account|register|subscribe)(?: to .{1,40})?\.?",
    r"(?:click|tap|go) here (?:to|for) (?:read|get|sign|subscribe|see|view|watch|more|download|join).{0,80}",
    r"get .{1,60} on the go by clicking here",
    r"(?:lesedauer|lesezeit|temps de lecture|tiempo de lectura|tempo di lettura|tempo de leitura|czas czytania|leestijd)\W{0,3}(?:ca\. )?\d{1,3} ?(?:minuten?|min\.?|minutes?|minutos?|minuti).{0,12}",
    r"\d{1,3}[- ]?min(?:ute)?s?\.? (?:read|lesezeit|de lecture|de lectura)",
    r"all rights reserved\.?|alle rechte vorbehalten\.?|tous droits réservés\.?|todos los derechos reservados\.?|все права защищены\.?",
    r"(?:copyright|©|\(c\))\s?(?:©\s?)?(?:19|20)\d\d.{0,240}",
    r"ein klick für den datenschutz",
    r"(?:link zum|externer) [\w-]+(?:-inhalt| inhalt)?",
    r"this (?:article|story|piece|post) (?:was |has been )?(?:originally |first )(?:appeared|published|posted)(?: .{1,120})?",
    r"カテゴリーをフォローする",
)

NEWSLETTER: tuple[str, ...] = (
    # Invitations, anywhere in a short paragraph.
    r"\b(?:sign up|subscribe|signing up|subscribing)\b.{0,80}\b(?:newsletters?|inbox|alerts?|e-?mails?|briefing|podcast|channel|youtube)\b",
    r"\bnewsletters?\b.{0,60}\b(?:sign up|subscribe|inbox|abonnieren|anmelden|bestellen|inscri|suscr|iscriv|assin|zapisz|подпи)",
    r"\b(?:abonnieren sie|abonniere|melden sie sich|jetzt anmelden|hier (?:geht es|geht's|anmelden|abonnieren))\b.{0,80}\b(?:newsletter|kanal|channel|app|podcast)\b",
    r"\b(?:newsletter|kanal|whatsapp-kanal)\b.{0,60}\b(?:abonnieren|anmelden|folgen|hier entlang)\b",
    r"\b(?:inscrivez-vous|abonnez-vous|s'abonner|recevez)\b.{0,80}\b(?:newsletter|infolettre|boîte mail|chaîne)\b",
    r"\b(?:suscríbete|suscríbase|apúntate|recibe)\b.{0,80}\b(?:newsletter|boletín|boletines|canal)\b",
    r"\b(?:inscreva-se|assine|receba|siga)\b.{0,80}\b(?:newsletter|canal)\b",
    r"\b(?:iscriviti|ricevi|segui)\b.{0,80}\b(?:newsletter|canale)\b",
    r"\b(?:подписывайтесь|подпишитесь|підписуйтесь|підписуйтеся)\b.{0,100}",
    r"\b(?:follow|like) us on (?:facebook|twitter|x|instagram|whatsapp|telegram|youtube|google news)\b",
    r"\b(?:folgen sie|folge) uns (?:auf|bei) \w+",
    r"\bdelivered (?:right |straight |directly )?to your inbox\b",
    r"\bnewsletter may contain advertising\b",
)

CREDIT_LABEL = (
    r"(?:photo(?:graph)?s?|image|picture|pic|gallery|cover|featured image|illustration|graphic|video)(?: (?:credits?|by|courtesy(?: of)?|from|source|via))"
    r"|(?:photo|image|picture|credits?|gallery credit|source)\s?[:/|]"
    r"|(?:quelle|foto|bild|bildquelle|bildrechte|bildnachweis|fotos|grafik|symbolbild|archivbild|titelbild|beitragsbild|foto/video)\s?[:/|©]"
    r"|(?:crédits?(?: photo)?|photo|source|illustration)\s?[:/|©]|crédits? photo"
    r"|(?:foto|fotografía|imagen|crédito|créditos|fuente|cortesía|fotografia|imagem|reprodução|divulgação)\s?[:/|©]"
    r"|(?:foto di|immagine di|credit|crediti|fonte)\s?[:/|©]?\s"
    r"|(?:beeld|bron|kuva|kilde|källa|bilde|fot\.|fot|zdjęcie|źródło|zdroj|zdroj|forrás|fotó)\s?[:/|©]"
    r"|(?:фото|источник|иллюстрация|источник фото|фотография|джерело|ілюстрація)\s?[:/|©]"
    r"|(?:写真|画像|出典|提供|撮影|図片来源|图片来源|圖片來源|사진|자료사진)\s?[:：/=]"
    r"|(?:الصورة|صورة|المصدر)\s?[:：]"
)


def compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for all of ``patterns``, without case."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


LABEL = compiled(tuple(label for labels in LABELS.values() for label in labels))
NOTICE = compiled(NOTICES)
INVITATION = compiled(NEWSLETTER)
CREDIT = re.compile(rf"\(?\s*(?:{CREDIT_LABEL})", re.IGNORECASE)
# Every invitation has one of these; looking for them first spares the paragraphs of the article the long expression.
INVITATION_CUE = re.compile(
    r"newsletter|inbox|subscri|sign(?:ing)? up|abonn|anmelden|kanal|inscri|recevez|suscr|apúnt|recibe|assin|receba|siga|iscriv|ricevi|segui"
    r"|подпис|підпис|(?:follow|like) us|uns (?:auf|bei)",
    re.IGNORECASE,
)

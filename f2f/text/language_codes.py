"""The names of languages: what people write, the ISO 639-1 code that we use, and what MP4 wants."""

from __future__ import annotations

import difflib
import re

from f2f.errors import ConfigError

LANGUAGES = {
    "aa": ("aar", "Afar"), "ab": ("abk", "Abkhazian"), "ae": ("ave", "Avestan"),
    "af": ("afr", "Afrikaans"), "ak": ("aka", "Akan"), "am": ("amh", "Amharic"),
    "an": ("arg", "Aragonese"), "ar": ("ara", "Arabic"), "as": ("asm", "Assamese"),
    "av": ("ava", "Avaric"), "ay": ("aym", "Aymara"), "az": ("aze", "Azerbaijani"),
    "ba": ("bak", "Bashkir"), "be": ("bel", "Belarusian"), "bg": ("bul", "Bulgarian"),
    "bi": ("bis", "Bislama"), "bm": ("bam", "Bambara"), "bn": ("ben", "Bengali"),
    "bo": ("bod", "Tibetan"), "br": ("bre", "Breton"), "bs": ("bos", "Bosnian"),
    "ca": ("cat", "Catalan"), "ce": ("che", "Chechen"), "ch": ("cha", "Chamorro"),
    "co": ("cos", "Corsican"), "cr": ("cre", "Cree"), "cs": ("ces", "Czech"),
    "cu": ("chu", "Church Slavic"), "cv": ("chv", "Chuvash"), "cy": ("cym", "Welsh"),
    "da": ("dan", "Danish"), "de": ("deu", "German"), "dv": ("div", "Divehi"),
    "dz": ("dzo", "Dzongkha"), "ee": ("ewe", "Ewe"), "el": ("ell", "Greek"),
    "en": ("eng", "English"), "eo": ("epo", "Esperanto"), "es": ("spa", "Spanish"),
    "et": ("est", "Estonian"), "eu": ("eus", "Basque"), "fa": ("fas", "Persian"),
    "ff": ("ful", "Fula"), "fi": ("fin", "Finnish"), "fj": ("fij", "Fijian"),
    "fo": ("fao", "Faroese"), "fr": ("fra", "French"), "fy": ("fry", "Western Frisian"),
    "ga": ("gle", "Irish"), "gd": ("gla", "Scottish Gaelic"), "gl": ("glg", "Galician"),
    "gn": ("grn", "Guarani"), "gu": ("guj", "Gujarati"), "gv": ("glv", "Manx"),
    "ha": ("hau", "Hausa"), "he": ("heb", "Hebrew"), "hi": ("hin", "Hindi"),
    "ho": ("hmo", "Hiri Motu"), "hr": ("hrv", "Croatian"), "ht": ("hat", "Haitian Creole"),
    "hu": ("hun", "Hungarian"), "hy": ("hye", "Armenian"), "hz": ("her", "Herero"),
    "ia": ("ina", "Interlingua"), "id": ("ind", "Indonesian"), "ie": ("ile", "Interlingue"),
    "ig": ("ibo", "Igbo"), "ii": ("iii", "Sichuan Yi"), "ik": ("ipk", "Inupiaq"),
    "io": ("ido", "Ido"), "is": ("isl", "Icelandic"), "it": ("ita", "Italian"),
    "iu": ("iku", "Inuktitut"), "ja": ("jpn", "Japanese"), "jv": ("jav", "Javanese"),
    "ka": ("kat", "Georgian"), "kg": ("kon", "Kongo"), "ki": ("kik", "Kikuyu"),
    "kj": ("kua", "Kuanyama"), "kk": ("kaz", "Kazakh"), "kl": ("kal", "Kalaallisut"),
    "km": ("khm", "Khmer"), "kn": ("kan", "Kannada"), "ko": ("kor", "Korean"),
    "kr": ("kau", "Kanuri"), "ks": ("kas", "Kashmiri"), "ku": ("kur", "Kurdish"),
    "kv": ("kom", "Komi"), "kw": ("cor", "Cornish"), "ky": ("kir", "Kyrgyz"),
    "la": ("lat", "Latin"), "lb": ("ltz", "Luxembourgish"), "lg": ("lug", "Ganda"),
    "li": ("lim", "Limburgish"), "ln": ("lin", "Lingala"), "lo": ("lao", "Lao"),
    "lt": ("lit", "Lithuanian"), "lu": ("lub", "Luba-Katanga"), "lv": ("lav", "Latvian"),
    "mg": ("mlg", "Malagasy"), "mh": ("mah", "Marshallese"), "mi": ("mri", "Maori"),
    "mk": ("mkd", "Macedonian"), "ml": ("mal", "Malayalam"), "mn": ("mon", "Mongolian"),
    "mr": ("mar", "Marathi"), "ms": ("msa", "Malay"), "mt": ("mlt", "Maltese"),
    "my": ("mya", "Burmese"), "na": ("nau", "Nauru"), "nd": ("nde", "North Ndebele"),
    "ne": ("nep", "Nepali"), "ng": ("ndo", "Ndonga"), "nl": ("nld", "Dutch"),
    "nn": ("nno", "Norwegian Nynorsk"), "no": ("nor", "Norwegian"), "nr": ("nbl", "South Ndebele"),
    "nv": ("nav", "Navajo"), "ny": ("nya", "Nyanja"), "oc": ("oci", "Occitan"),
    "oj": ("oji", "Ojibwa"), "om": ("orm", "Oromo"), "or": ("ori", "Odia"),
    "os": ("oss", "Ossetic"), "pa": ("pan", "Punjabi"), "pi": ("pli", "Pali"),
    "pl": ("pol", "Polish"), "ps": ("pus", "Pashto"), "pt": ("por", "Portuguese"),
    "qu": ("que", "Quechua"), "rm": ("roh", "Romansh"), "rn": ("run", "Rundi"),
    "ro": ("ron", "Romanian"), "ru": ("rus", "Russian"), "rw": ("kin", "Kinyarwanda"),
    "sa": ("san", "Sanskrit"), "sc": ("srd", "Sardinian"), "sd": ("snd", "Sindhi"),
    "se": ("sme", "Northern Sami"), "sg": ("sag", "Sango"), "si": ("sin", "Sinhala"),
    "sk": ("slk", "Slovak"), "sl": ("slv", "Slovenian"), "sm": ("smo", "Samoan"),
    "sn": ("sna", "Shona"), "so": ("som", "Somali"), "sq": ("sqi", "Albanian"),
    "sr": ("srp", "Serbian"), "ss": ("ssw", "Swati"), "st": ("sot", "Southern Sotho"),
    "su": ("sun", "Sundanese"), "sv": ("swe", "Swedish"), "sw": ("swa", "Swahili"),
    "ta": ("tam", "Tamil"), "te": ("tel", "Telugu"), "tg": ("tgk", "Tajik"), "th": ("tha", "Thai"),
    "ti": ("tir", "Tigrinya"), "tk": ("tuk", "Turkmen"), "tl": ("tgl", "Tagalog"),
    "tn": ("tsn", "Tswana"), "to": ("ton", "Tongan"), "tr": ("tur", "Turkish"),
    "ts": ("tso", "Tsonga"), "tt": ("tat", "Tatar"), "tw": ("twi", "Twi"),
    "ty": ("tah", "Tahitian"), "ug": ("uig", "Uyghur"), "uk": ("ukr", "Ukrainian"),
    "ur": ("urd", "Urdu"), "uz": ("uzb", "Uzbek"), "ve": ("ven", "Venda"),
    "vi": ("vie", "Vietnamese"), "vo": ("vol", "Volapük"), "wa": ("wln", "Walloon"),
    "wo": ("wol", "Wolof"), "xh": ("xho", "Xhosa"), "yi": ("yid", "Yiddish"),
    "yo": ("yor", "Yoruba"), "za": ("zha", "Zhuang"), "zh": ("zho", "Chinese"),
    "zu": ("zul", "Zulu"),
}  # fmt: skip
"""ISO 639-1 → ISO 639-2/T and the English name."""
_ALSO = {
    "alb": "sq", "arm": "hy", "baq": "eu", "bur": "my", "chi": "zh", "cmn": "zh", "cze": "cs",
    "dut": "nl", "fil": "tl", "fre": "fr", "geo": "ka", "ger": "de", "gre": "el", "ice": "is",
    "iw": "he", "mac": "mk", "mao": "mi", "may": "ms", "nb": "no", "nob": "no", "per": "fa",
    "rum": "ro", "slo": "sk", "tib": "bo", "wel": "cy",
    "bangla": "bn", "farsi": "fa", "filipino": "tl", "mandarin": "zh", "oriya": "or",
}  # fmt: skip
"""Other codes (ISO 639-2/B, withdrawn ones) and names in use."""
_CODES = {
    **{code: code for code in LANGUAGES},
    **{long: code for code, (long, _) in LANGUAGES.items()},
    **{name.casefold(): code for code, (_, name) in LANGUAGES.items()},
    **_ALSO,
}
UNKNOWN = "und"
_ALIKE = 0.75
"""Likeness from which on a name is taken for a misspelt one."""


def normalised(text: str) -> str:
    """The code of a language as people write it: hi, HI, hi-IN, hin or Hindi.

    A code of two or three letters that is not in the table stays as it is: there are backends
    that speak Konkani (kok).

    Raises:
        ConfigError: it is no code, and no language has that name.
    """
    written = " ".join(text.casefold().split())
    short = re.split("[-_]", written)[0]  # without the region or script
    for form in (written, short):
        if form in _CODES:
            return _CODES[form]
    if re.fullmatch("[a-z]{2,3}", short):
        return short
    names = {name.casefold(): name for _, name in LANGUAGES.values()}
    near = difflib.get_close_matches(written, names, n=1, cutoff=_ALIKE)
    hint = f"did you mean '{_CODES[near[0]]}' ({names[near[0]]})? " if near else ""
    raise ConfigError(
        f"'{text}' is no language: {hint}give a code such as hi, pt or zh; see `f2f languages`"
    )


def three_letters(code: str | None) -> str:
    """The ISO 639-2/T code of an ISO 639-1 code; what is longer stays, unknown is "und"."""
    if code is None:
        return UNKNOWN
    long, _ = LANGUAGES.get(code, (code, ""))
    return long if len(long) == 3 else UNKNOWN

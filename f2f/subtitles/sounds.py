"""Captions of sounds, as they are written for the deaf, told from names and from speech."""

from __future__ import annotations

import re

_WORDS = (
    "applause", "audience", "beep", "blank_audio", "captions", "chatter", "clears throat", "coughs",
    "crickets", "cries", "crosstalk", "crowd", "door", "doorbell", "engine", "foreign",
    "footsteps", "gunfire", "gunshots?", "hums", "inaudible", "indistinct", "inhales", "exhales",
    "knock", "music", "muttering", "noise", "pause", "phone", "playing", "rings?", "ringing",
    "sighs?", "silence", "singing", "sings", "siren", "sirens", "song", "sound", "sounds",
    "speaking", "speaks", "static", "thunder", "tires", "unintelligible", "wind", "theme",
    "grit[ao]s?", "ronca", "aplausos?", "música", "musica", "risas?", "ríe", "llora", "llanto",
    "tose", "suena", "puerta",
    "ininteligible", "inaudible", "silencio", "timbre", "teléfono", "canta", "toca", "tocan",
    "inaudível", "ininteligível", "risos?", "risadas?", "ri", "chora", "choro", "porta", "bate",
    "toca", "telefone", "canto", "silêncio", "rindo", "chorando",
    "applaudissements", "inintelligible", "musique", "rires?", "rit", "pleure", "porte", "sonne",
    "téléphone", "chante", "toux", "cris?", "claque",
    "applausi", "incomprensibile", "risat[ae]", "ride", "piange", "bussano", "squilla", "canta",
    "applaus", "gelächter", "musik", "unverständlich", "lacht", "weint", "tür", "klopfen", "klopft",
    "klingelt", "hustet", "singt", "schreie?", "stille",
    "अश्रव्य", "तालियाँ", "तालियां", "संगीत", "हँसी", "हंसी", "आवाज़", "आवाज", "सन्नाटा", "गाना",
)  # fmt: skip
_VERBS = (
    "applaud", "bang", "bark", "beep", "bleat", "buzz", "cackl", "chant", "chatter", "cheer",
    "chirp", "chuckl", "clank", "clap", "clapp", "clatter", "click", "clink", "cough", "crackl",
    "crash", "creak", "croak", "crunch", "cry", "gasp", "giggl", "groan", "growl", "grunt",
    "guffaw", "gulp", "hiccup", "hiss", "hoot", "howl", "humm", "inhal", "exhal", "jingl", "knock",
    "laugh", "meow", "moan", "mumbl", "murmur", "mutter", "neigh", "pant", "pound", "purr",
    "quack", "rattl", "rev", "revv", "roar", "rumbl", "rustl", "scoff", "scream", "screech",
    "shatter", "shout", "shriek", "shush", "sigh", "slam", "slamm", "slurp", "smack", "snapp",
    "sneez", "snicker", "sniff", "sniffl", "snor", "snort", "sob", "sobb", "splash", "squeak",
    "squeal", "stammer", "stutter", "swish", "thud", "thump", "tick", "trill", "twitter", "wail",
    "warbl", "wheez", "whimper", "whin", "whirr", "whisper", "whistl", "whoop", "whoosh", "yawn",
    "yell", "yelp",
)  # fmt: skip
"""English verbs without their endings."""
_STEMS = (
    "suspir", "jadea", "susurr", "sollo[zç]", "murmur", "soluç", "ofeg", "sussurr",
    "soupir", "halèt", "sanglot", "chuchot", "gémi", "éternu", "grogn", "siffl",
    "sospir", "singhiozz", "tossisc", "ansim", "mormor",
    "seufz", "keuch", "schluchz", "stöhn", "flüster", "räusper", "schnarch", "schnauf",
    "हँस", "हंस", "आह भर", "खाँस", "खांस", "सिसक", "चीख", "फुसफुसा", "दरवाज",
)  # fmt: skip
"""Of the other languages, with whatever follows."""
_VOCABULARY = re.compile(
    rf"(?<!\w)(?:(?:{'|'.join(_WORDS)})(?!\w)"
    rf"|(?:{'|'.join(_VERBS)})(?:es?|ing|ed|s)?(?!\w)"
    rf"|(?:{'|'.join(_STEMS)})\w*)"
    r"|[笑泣音声鳴]|拍手|ため息|音乐|音樂|掌声|掌聲|笑声|박수|웃음|음악|เสียง|ดนตรี",
    re.IGNORECASE,
)
_TITLES = ("mr", "mrs", "ms", "dr", "prof", "miss", "sir", "lady")
_PARTICLES = frozenset((
    "van", "von", "der", "den", "de", "del", "della", "da", "das", "dos", "du", "di", "la",
    "le", "el", "al", "bin", "ibn", "of", "and", "und", "y", "e", "&", "the",
))  # fmt: skip
_NAME_WORD = re.compile(r"[^\s:;,!?…。()\[\]<>{}\"“”]+")
_SENTENCE = re.compile(r"\s.*[.!?…।。！？]$", re.DOTALL)


def is_sound(words: str) -> bool:
    """True for words that are known to describe a sound or how somebody speaks."""
    return _VOCABULARY.search(words) is not None


def is_remark(words: str) -> bool:
    """True if brackets that stand alone describe a sound: no figure and no sentence is in them."""
    figures = any(letter.isdigit() for letter in words)
    return not (figures or _SENTENCE.search(words.strip()))


def is_name(words: str) -> bool:
    """True if the words have the shape of a speaker's name: Anna, DR. RAO, Man #2, अन्ना, S1."""
    parts = words.split()
    if not 1 <= len(parts) <= 6 or is_sound(words):
        return False
    lettered = any(letter.isalpha() for letter in words)
    named = any(part.casefold() not in _PARTICLES for part in parts)
    return lettered and named and all(map(_names, parts)) and not _is_shouted_sound(parts)


def _names(part: str) -> bool:
    first = part.lstrip("#")[:1]
    if part.casefold() in _PARTICLES:
        return True
    shaped = _NAME_WORD.fullmatch(part) is not None
    return shaped and (not first.islower() or any(letter in "_0123456789" for letter in part))


def _is_shouted_sound(parts: list[str]) -> bool:
    """GLASS SHATTERS, ENGINE REVVING; no title begins it."""
    shouted = len(parts) > 1 and all(part.isupper() for part in parts)
    titled = parts[0].casefold().rstrip(".") in _TITLES
    return shouted and not titled and parts[-1].endswith(("ING", "S"))

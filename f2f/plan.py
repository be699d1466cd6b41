"""What `auto` stands for, decided before any work starts and never silently.

`prepare` replaces every `auto` by a concrete backend and refuses what cannot be done: an unknown
name, a missing package or weights file, a language nobody speaks, a pair nobody translates.  When
the source's language is not known yet, the translator is chosen by `choose_translator` as soon as
the recogniser has heard it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from f2f import subtitles
from f2f.backends import names, resolve
from f2f.config import Config
from f2f.edits import slices as edits
from f2f.errors import ConfigError, InputError, MissingError, UnsupportedError
from f2f.lips import engine_choice
from f2f.lips import weights as lip_weights
from f2f.listening.recognise import SILENCE
from f2f.roles import Backend, Role
from f2f.text import glossary
from f2f.types import Transcript
from f2f.voices import matching, voice_book

log = logging.getLogger(__name__)

FILE = "file"
"""The name of the backend that is no backend: a transcript or translation given by a person."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was picked for a role, and why."""

    role: Role
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A configuration without `auto`, and the choices that were made."""

    config: Config
    choices: tuple[Choice, ...] = ()
    given: Config | None = None
    """The configuration before anything was settled."""

    def _with(self, topic: str, choice: Choice) -> Plan:
        settings = getattr(self.config, topic).model_copy(update={"backend": choice.name})
        return replace(
            self,
            config=self.config.model_copy(update={topic: settings}),
            choices=(*self.choices, choice),
        )


def prepare_hearing(config: Config) -> Plan:
    """Choose the recogniser and the diariser."""
    plan = Plan(config)
    if config.recognition.transcript is not None:
        subtitles.read(config.recognition.transcript, config.languages.source)
        plan = plan._with("recognition", Choice("asr", FILE, "a transcript was given"))
    else:
        plan = plan._with("recognition", _pick("asr", config.recognition.backend, config))
    return plan._with("diarisation", _pick("diarisation", config.diarisation.backend, plan.config))


def prepare_faces(plan: Plan) -> Plan:
    """Choose the face detector and the lips' engine, and see that there are weights for them."""
    lips = plan.config.lips
    if lips.enabled:
        lip_weights.admit(lips.weights)
        settled = lips.model_copy(update={"path": engine_choice.preferred(lips.path)})
        plan = replace(plan, config=plan.config.model_copy(update={"lips": settled}))
    return plan._with("faces", _pick("detection", plan.config.faces.backend, plan.config))


def prepare(config: Config, *, picture: bool = True) -> Plan:
    """Everything that a dub needs; the translator only if the source's language is given.

    Args:
        config: the options as given.
        picture: False for a dub of the sound alone, which needs no faces and no lips.

    Raises:
        ConfigError: no target language, or a name that is not known.
        InputError: a transcript, translation, glossary or voices.yaml cannot be used.
        UnsupportedError: no voice for the target or no translator for the pair.
        MissingError: a chosen backend lacks a package or its weights.
    """
    target = config.languages.target
    if target is None:
        raise ConfigError("no target language: give --to, for example --to hi")
    _read_files(config, target)
    plan = prepare_hearing(config)
    if picture:
        plan = prepare_faces(plan)
    plan = plan._with("speech", _pick_voice(plan.config, target))
    if config.soundtrack.background == "separate":
        _require(resolve("separation", config.soundtrack.separator), config)
    if config.languages.source is not None or config.translation.translation is not None:
        plan = choose_translator(plan, config.languages.source or "")
    return plan


def choose_translator(plan: Plan, source: str) -> Plan:
    """Choose the translator for the language that was heard or given.

    Raises:
        InputError: nobody speaks, so that no language was heard.
    """
    config = plan.config
    target = config.languages.target
    assert target is not None, "prepare() has checked it"
    if any(choice.role == "translation" for choice in plan.choices):
        return plan
    if config.translation.translation is not None:
        choice = Choice("translation", FILE, "a translation was given")
    elif source == SILENCE:
        raise InputError(
            "nobody speaks in this video: give what is said with --transcript FILE, or a recording "
            "to speak with `f2f lipsync FACE SPEECH`"
        )
    elif source == target:
        raise ConfigError(f"the source already speaks '{target}': nothing to translate")
    else:
        choice = _pick_translator(config, source, target)
    return plan._with("translation", choice)


def keep_voices(plan: Plan, transcript: Transcript) -> Plan:
    """Give everyone who is heard the voice that he has in the series, or from now on will have.

    Raises:
        ConfigError: voices.yaml names a voice that is not offered.
        InputError: voices.yaml cannot be read or written.
    """
    speech, target = plan.config.speech, plan.config.languages.target
    assert target is not None, "prepare() has checked it"
    if speech.voices is None or speech.voice is not None:
        return plan
    known = speech.model_copy(update={"cast": voice_book.read(speech.voices, target) | speech.cast})
    cast = matching.cast(transcript, plan.config.model_copy(update={"speech": known}))
    for speaker in transcript.speakers:
        voice = cast.get(speaker.id)
        if voice and {voice.gender, speaker.gender} == {"female", "male"}:
            log.warning(
                "%s gives %s the %s voice %s, who sounds %s here: "
                "name the speakers in a transcript",
                *(speech.voices.name, speaker.id, voice.gender, voice.name, speaker.gender),
            )
    kept = voice_book.remember(
        speech.voices, target, {key: voice.name for key, voice in cast.items()}
    )
    settled = speech.model_copy(update={"cast": kept | speech.cast})
    return replace(plan, config=plan.config.model_copy(update={"speech": settled}))


def _read_files(config: Config, target: str) -> None:
    """Whoever gives a broken file hears of it now, and not when its stage comes.

    Raises:
        InputError: a file cannot be used, and why.
    """
    translation = config.translation.translation
    if translation is not None:
        subtitles.read(translation, target)
        named = subtitles.named_language(translation)
        if named not in (None, target):
            log.warning("%s is taken to be in '%s', as asked", translation.name, target)
    glossary.read(config.translation.glossary)
    edits.of(config)
    if config.speech.voices is not None:
        voice_book.read(config.speech.voices, target)


def _pick(role: Role, name: str, config: Config) -> Choice:
    if name != "auto":
        _require(resolve(role, name), config)
        return Choice(role, name, "asked for")
    gaps: list[str] = []
    for candidate in names(role):
        gap = resolve(role, candidate).missing(config)
        if gap is None:
            return Choice(role, candidate, _because(gaps))
        gaps.append(f"{candidate}: {gap}")
    raise MissingError(f"no {role} backend is ready; {'; '.join(gaps)}")


def _pick_voice(config: Config, target: str) -> Choice:
    wanted = config.speech.backend
    candidates = names("speech") if wanted == "auto" else (wanted,)
    gaps: list[str] = []
    for candidate in candidates:
        backend = resolve("speech", candidate)
        offered, gap = backend.voices(target, config), backend.missing(config)
        if not offered and (gap is None or wanted == "auto"):
            continue
        if gap is None:
            if config.speech.voice is not None:
                matching.named(config.speech.voice, {voice.name: voice for voice in offered})
            return Choice("speech", candidate, _because(gaps) if wanted == "auto" else "asked for")
        gaps.append(f"{candidate}: {gap}")
    if gaps:
        raise MissingError(f"a voice for '{target}' is not ready; {'; '.join(gaps)}")
    raise UnsupportedError(
        f"no voice of {', '.join(candidates)} speaks '{target}'; `f2f languages` lists what can "
        "be spoken, and a Coqui model folder (--set speech.model=FOLDER) adds more"
    )


def _pick_translator(config: Config, source: str, target: str) -> Choice:
    wanted = config.translation.backend
    candidates = names("translation") if wanted == "auto" else (wanted,)
    languages = config.languages.model_copy(update={"source": source})  # what is missing may
    pair = config.model_copy(update={"languages": languages})  # depend on what was detected
    gaps: list[str] = []
    for candidate in candidates:
        backend = resolve("translation", candidate)
        if not backend.serves(source, target, config):
            continue
        gap = backend.missing(pair)
        if gap is None:
            reason = _because(gaps) if wanted == "auto" else "asked for"
            return Choice("translation", candidate, reason)
        gaps.append(f"{candidate}: {gap}")
    ways = "; ".join(gaps) if gaps else "no installed backend knows the pair"
    raise UnsupportedError(
        f"cannot translate {source} to {target}: {ways}. Ways to get it: a model folder or hub id "
        "(--set translation.model=FOLDER), or a translator's subtitles "
        f"(--translation talk.{target}.srt)"
    )


def _require(backend: type[Backend], config: Config) -> None:
    gap = backend.missing(config)
    if gap is not None:
        raise MissingError(f"{backend.info.name} is not ready: {gap}")


def _because(gaps: list[str]) -> str:
    return "first choice" if not gaps else f"next in order; {'; '.join(gaps)}"

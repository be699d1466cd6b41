"""From sound to words: what every recogniser needs around it, whichever it is.

sound_of(path)        a recording of any length as one array that lives on the disk
listen(…)             pieces cut in pauses → voice gate → recogniser → words on the clock
utterances(words)     the smallest things that one person says: what a diariser labels
phrases(utterances)   segments fit for dubbing
"""

from f2f.listening.activity import Gate, speech_spans
from f2f.listening.phrasing import phrases, utterances
from f2f.listening.recognise import Heard, listen
from f2f.listening.recording import Piece, pieces, sound_of

__all__ = [
    "Gate",
    "Heard",
    "Piece",
    "listen",
    "phrases",
    "pieces",
    "sound_of",
    "speech_spans",
    "utterances",
]

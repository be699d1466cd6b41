"""Video and sound files, in and out; the only package that talks to libav and ffmpeg."""

from f2f.media.burning import Font, burn
from f2f.media.continuation import continued, continued_frames
from f2f.media.encode import Encoder, pixel_format
from f2f.media.frames import frames, has_picture, pictures
from f2f.media.mux import Track, mux
from f2f.media.probe import probe, probe_sound
from f2f.media.program import ffmpeg_binary
from f2f.media.sound import SOUND_RATE, ExactWriter, own_channels
from f2f.media.sound import extract as extract_sound

__all__ = [
    "SOUND_RATE",
    "Encoder",
    "ExactWriter",
    "Font",
    "Track",
    "burn",
    "continued",
    "continued_frames",
    "extract_sound",
    "ffmpeg_binary",
    "frames",
    "has_picture",
    "mux",
    "own_channels",
    "pictures",
    "pixel_format",
    "probe",
    "probe_sound",
]

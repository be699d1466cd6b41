"""Every error that lipsync raises on purpose.

    LipsyncError
    ├── ShapeError        a tensor or image has the wrong shape, dtype or range
    ├── AudioError        the sound is empty, not finite, or of the wrong form
    ├── CheckpointError   a weights file is missing, unsafe, or of another model
    ├── EngineError       an inference path cannot run here, or one was misused
    │   ├── MissingExtraError  an optional package is not installed
    │   └── QualityError       a fast path strays too far from fp32
    └── ScoreError        embeddings too few or of unequal length to be scored

Callers catch ``LipsyncError``; ``assert`` is kept for invariants of our own.
"""


class LipsyncError(Exception):
    """The root of the tree."""


class ShapeError(LipsyncError, ValueError):
    """A tensor or image has the wrong shape, dtype or range."""


class AudioError(LipsyncError, ValueError):
    """The sound is empty, not finite, or of the wrong form."""


class CheckpointError(LipsyncError):
    """A weights file is missing, unsafe, or belongs to another model."""


class EngineError(LipsyncError):
    """An inference path cannot run here, or was misused."""


class MissingExtraError(EngineError):
    """An optional package is not installed; the message has the install line."""


class QualityError(EngineError):
    """A fast path strays too far from the fp32 picture."""


class ScoreError(LipsyncError, ValueError):
    """Embeddings are too few, or of unequal length, to be scored."""

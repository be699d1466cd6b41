"""Face-to-face translation: a talking face in, the same person speaking another language out."""

__version__ = "0.1.0"

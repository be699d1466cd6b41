"""One function a stage: the chain of a translation."""

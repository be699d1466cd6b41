"""Face detectors: pictures to boxes."""

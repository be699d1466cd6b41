"""How good new lips are: the source, the generator's pixels and the speaker's own, side by side.

    python -m benchmarks.lip_quality CLIP ... [--people N --data FOLDER] [--seconds 5] --out FOLDER

Every clip speaks with its own sound, with another clip's and with Hindi synthetic speech.  Writes
`clips.csv`, `summary.json`, `summary.md` and a sheet a clip: source, generator, own.
"""

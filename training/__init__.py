"""How the models are trained and evaluated; see `docs/training.md`.

settings, tasks                   one strict YAML file a run
loop, parallel, snapshot, curves  the one visible training loop
losses, similarity                what is minimised
data/                             packing videos, and drawing windows of faces and sound
recipes/                          what each model brings to the loop
evaluation/                       sync scores, measures of pictures, the report
"""

"""How each model is trained: one recipe for `training.loop` a file."""

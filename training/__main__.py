"""`python -m training`: preprocess, offsets, lips, landmark-sync, expert, wav2lip,
audio-encoder, lipgan, evaluate; for translators pack-text, translate, evaluate-translation.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from f2f.errors import ConfigError, F2FError
from lipsync.errors import LipsyncError
from training import settings as configuration
from training.data import lip_codes, preprocess, text_pack
from training.evaluation import evaluate, expert_offsets, translation
from training.loop import Recipe, Trainer
from training.recipes import landmark_sync
from training.recipes.audio_encoder import AudioEncoderRecipe
from training.recipes.expert import ExpertRecipe
from training.recipes.lipgan import LipGanRecipe
from training.recipes.translation import TranslationRecipe
from training.recipes.wav2lip import Wav2LipRecipe

RECIPES: dict[str, Callable[[configuration.Settings], Recipe]] = {
    "expert": ExpertRecipe,
    "wav2lip": Wav2LipRecipe,
    "audio-encoder": AudioEncoderRecipe,
    "lipgan": LipGanRecipe,
    "translate": TranslationRecipe,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in RECIPES:
        command = commands.add_parser(name, help=f"train {name}, or go on with it")
        command.add_argument("config", type=Path)
        command.add_argument("--set", dest="overrides", action="append", default=[])
    for module in (
        *(preprocess, expert_offsets, lip_codes, landmark_sync, evaluate),
        *(text_pack, translation),
    ):
        module.add_command(commands)
    options = parser.parse_args(arguments)
    try:
        if options.command in RECIPES:
            train(options.command, options.config, options.overrides)
        else:
            return int(options.act(options))
    except F2FError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except LipsyncError as error:
        print(f"error: {error}", file=sys.stderr)
        return 5
    return 0


def train(name: str, config: Path, overrides: Sequence[str]) -> None:
    """Train a model as a configuration says."""
    settings = configuration.load(config, overrides)
    if settings.model != name:
        raise ConfigError(f"{config.name} is a recipe for {settings.model}, not for {name}")
    if settings.run.threads > 0:
        torch.set_num_threads(settings.run.threads)
    Trainer(recipe_of(settings), settings).run()


def recipe_of(settings: configuration.Settings) -> Recipe:
    """The recipe that a configuration names."""
    return RECIPES[settings.model](settings)


if __name__ == "__main__":
    sys.exit(main())

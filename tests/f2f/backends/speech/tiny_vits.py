"""A two-speaker VITS with Latin and Devanagari letters in coqui-tts's own format."""

from __future__ import annotations

import json
from pathlib import Path

DEVANAGARI = "अआइईउऊएऐओऔकखगघचछजझटठडढणतथदधनपफबभमयरलवशषसहािीुूेैोौंः्ँ़ड़ढ़"
SPEAKERS = {"asha": 0, "ravi": 1}


def build(folder: Path) -> Path:
    """Write config.json, speakers.json and random weights, as training would leave them."""
    from f2f import torchaudio_cpu

    torchaudio_cpu.ensure()
    import torch
    from TTS.config.shared_configs import BaseAudioConfig
    from TTS.tts.configs.shared_configs import CharactersConfig
    from TTS.tts.configs.vits_config import VitsArgs, VitsConfig
    from TTS.tts.models.vits import Vits

    folder.mkdir(parents=True, exist_ok=True)
    speakers = folder / "speakers.json"
    speakers.write_text(json.dumps(SPEAKERS), encoding="utf-8")
    torch.manual_seed(3)
    config = VitsConfig(
        model_args=VitsArgs(
            hidden_channels=16,
            hidden_channels_ffn_text_encoder=32,
            num_heads_text_encoder=2,
            num_layers_text_encoder=1,
            num_layers_posterior_encoder=1,
            num_layers_flow=1,
            resblock_type_decoder="2",
            resblock_kernel_sizes_decoder=[3],
            resblock_dilation_sizes_decoder=[[1, 3]],
            upsample_initial_channel_decoder=16,
            use_speaker_embedding=True,
            speaker_embedding_channels=8,
            init_discriminator=False,
            speakers_file=str(speakers),
        ),
        audio=BaseAudioConfig(sample_rate=16_000),
        characters=CharactersConfig(
            characters_class="TTS.tts.models.vits.VitsCharacters",
            pad="_",
            characters="abcdefghijklmnopqrstuvwxyz" + DEVANAGARI,
            punctuations="!,.?' ",
            phonemes="",
        ),
        use_phonemes=False,
        text_cleaner="multilingual_cleaners",
        add_blank=True,
        use_speaker_embedding=True,
        speakers_file=str(speakers),
    )
    model = Vits(config)
    # the paths of a machine that is not this one, as in published models
    tree = json.loads(config.to_json())
    tree["languages"] = ["hi"]
    for part in (tree, tree["model_args"]):
        part["speakers_file"] = "/home/trainer/run/speakers.json"
    (folder / "config.json").write_text(json.dumps(tree), encoding="utf-8")
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    return folder

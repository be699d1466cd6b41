"""Random models of a few kilobytes in the families' own formats, as a hub would hand them out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from safetensors.torch import save_file
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from f2f import torchaudio_cpu

torchaudio_cpu.ensure()  # transformers imports it where it is installed

CORPUS = [
    "Hello everyone, welcome to this lecture about machines.",
    "The committee will announce its decision tomorrow morning.",
    "We were walking along the river when it began to rain.",
    "नमस्ते दोस्तों, इस व्याख्यान में आपका स्वागत है।",
    "समिति कल सुबह अपना निर्णय सुनाएगी।",
    "हम नदी के किनारे चल रहे थे जब बारिश शुरू हुई।",
]
NLLB_TAGS = ["eng_Latn", "hin_Deva", "tam_Taml"]
_SIZES: dict[str, Any] = {
    "d_model": 32,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32,
    "max_position_embeddings": 64,
}


def student(folder: Path) -> Path:
    """What `python -m training translate` exports: weights, subwords of both sides and a note."""
    from f2f.backends.translation.student import ENGLISH, SUBWORDS, tag
    from tests.training.english_bert import WIDTH, write_bert
    from training.recipes.translation_export import export, origin
    from training.recipes.translation_model import Decoder, english_encoder
    from training.settings import Settings

    packed = write_bert(folder.with_name(f"{folder.name}-packed"), CORPUS)
    assert (packed / ENGLISH).is_file()
    with (packed / SUBWORDS).open("wb") as learned:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(CORPUS),
            model_writer=learned,
            vocab_size=350,
            byte_fallback=True,
            pad_id=3,
            control_symbols=[tag("hi"), tag("ta")],
            minloglevel=2,
        )
    torch.manual_seed(0)
    subwords = sentencepiece.SentencePieceProcessor(model_file=str(packed / SUBWORDS))
    size = subwords.get_piece_size()
    decoder = Decoder(size, width=WIDTH, inner=32, heads=2, layers=1, dropout=0.0)
    # Choices of a new model are near-ties, which the size of a batch decides by rounding.
    torch.nn.init.normal_(decoder.embedding.weight)
    export(
        (english_encoder(packed, 0.0), decoder),
        packed,
        folder,
        languages=("hi", "ta"),
        settings=Settings(model="translate", out=folder),
        steps=0,
        begun_from=origin(packed),
    )
    return folder


def m2m100(folder: Path) -> Path:
    """facebook/m2m100's files: sentencepiece.bpe.model, vocab.json, config.json, weights."""
    from transformers import M2M100Config, M2M100ForConditionalGeneration, M2M100Tokenizer

    pieces = _sentencepiece(folder, "sentencepiece.bpe")
    vocabulary = {piece: number for number, piece in enumerate(["<s>", "<pad>", "</s>", "<unk>"])}
    for piece in pieces:
        vocabulary.setdefault(piece, len(vocabulary))
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    tokenizer = M2M100Tokenizer(
        str(folder / "vocab.json"), str(folder / "sentencepiece.bpe.model"), src_lang="en"
    )
    tokenizer.save_pretrained(folder)
    size = max(tokenizer.lang_code_to_id.values()) + 1 + 8
    config = M2M100Config(vocab_size=size, pad_token_id=1, decoder_start_token_id=2, **_SIZES)
    _save(M2M100ForConditionalGeneration(config), folder)
    return folder


def nllb(folder: Path, *, with_tokenizer: bool = True) -> Path:
    """facebook/nllb-200's files; without tokenizer.json the tokenizer is the known trap."""
    from transformers import M2M100Config, M2M100ForConditionalGeneration

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _unigram(["<s>", "<pad>", "</s>", "<unk>", *NLLB_TAGS, "<mask>"])
    size = tokenizer.get_vocab_size()
    if with_tokenizer:
        tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"tokenizer_class": "NllbTokenizer", "src_lang": "eng_Latn"}
    settings["extra_special_tokens"] = NLLB_TAGS
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    config = M2M100Config(vocab_size=size, pad_token_id=1, decoder_start_token_id=2, **_SIZES)
    _save(M2M100ForConditionalGeneration(config), folder)
    return folder


def marian(folder: Path, *, target: str = "hi") -> Path:
    """Helsinki-NLP/opus-mt's files: source.spm, target.spm, vocab.json, weights."""
    from transformers import MarianConfig, MarianMTModel, MarianTokenizer

    pieces = _sentencepiece(folder, "source")
    (folder / "target.spm").write_bytes((folder / "source.model").read_bytes())
    (folder / "source.model").rename(folder / "source.spm")
    vocabulary: dict[str, int] = {"</s>": 0, "<unk>": 1}
    for piece in pieces:
        vocabulary.setdefault(piece, len(vocabulary))
    vocabulary["<pad>"] = len(vocabulary)
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    MarianTokenizer(
        str(folder / "source.spm"),
        str(folder / "target.spm"),
        str(folder / "vocab.json"),
        source_lang="en",
        target_lang=target,
    ).save_pretrained(folder)
    pad = vocabulary["<pad>"]
    config = MarianConfig(
        vocab_size=len(vocabulary), pad_token_id=pad, decoder_start_token_id=pad,
        eos_token_id=0, forced_eos_token_id=0, bad_words_ids=[[pad]], **_SIZES,
    )  # fmt: skip
    _save(MarianMTModel(config), folder, zeroed=pad)  # a translation begins with no word
    return folder


def indictrans(folder: Path, *, weights: str = "model.safetensors", **settings: Any) -> Path:
    """ai4bharat/indictrans2-en-indic's files; `auto_map` names Python that is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {}
    for side, tags, lines in (("SRC", NLLB_TAGS, CORPUS[:3]), ("TGT", [], CORPUS[3:])):
        words = ["<s>", "<pad>", "</s>", "<unk>", *tags]
        pieces = _sentencepiece(folder, f"side.{side}", lines)
        words += [piece for piece in pieces if piece not in words]
        (folder / f"side.{side}.model").rename(folder / f"model.{side}")
        numbers = {word: number for number, word in enumerate(words)}
        (folder / f"dict.{side}.json").write_text(json.dumps(numbers), encoding="utf-8")
        sizes[side] = len(words)
    config: dict[str, Any] = {
        "model_type": "IndicTrans",
        "auto_map": {"AutoConfig": "configuration_indictrans.IndicTransConfig"},
        "activation_function": "gelu",
        "scale_embedding": True,
        "layernorm_embedding": True,
        "share_decoder_input_output_embed": False,
        "max_source_positions": 64,
        "max_target_positions": 64,
    }
    for side in ("encoder", "decoder"):
        config |= {
            f"{side}_embed_dim": 32,
            f"{side}_ffn_dim": 32,
            f"{side}_attention_heads": 2,
            f"{side}_layers": 1,
            f"{side}_normalize_before": True,
        }
    config |= settings
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    state = _indictrans_state(sizes["SRC"], sizes["TGT"])
    if weights.endswith(".bin"):
        torch.save(state, folder / weights)
    else:
        save_file(state, folder / weights, metadata={"format": "pt"})
    return folder


def _indictrans_state(source: int, target: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    state = {}

    def add(name: str, *shape: int) -> None:
        state[name] = torch.randn(shape, generator=generator) * 0.3

    def norm(name: str) -> None:
        add(f"{name}.weight", 32)
        add(f"{name}.bias", 32)

    def linear(name: str) -> None:
        add(f"{name}.weight", 32, 32)
        add(f"{name}.bias", 32)

    for side, size in (("encoder", source), ("decoder", target)):
        add(f"model.{side}.embed_tokens.weight", size, 32)
        norm(f"model.{side}.layer_norm")
        norm(f"model.{side}.layernorm_embedding")
        layer = f"model.{side}.layers.0"
        for attention in ("self_attn", "encoder_attn")[: 1 + (side == "decoder")]:
            for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
                linear(f"{layer}.{attention}.{part}")
            norm(f"{layer}.{attention}_layer_norm")
        linear(f"{layer}.fc1")
        linear(f"{layer}.fc2")
        norm(f"{layer}.final_layer_norm")
    add("lm_head.weight", target, 32)
    return state


def _save(model: Any, folder: Path, zeroed: int | None = None) -> None:
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for weights in model.parameters():
            weights.copy_(torch.randn(weights.shape, generator=generator) * 0.3)
        if zeroed is not None:
            model.get_input_embeddings().weight[zeroed] = 0
    model.save_pretrained(folder)


def _sentencepiece(folder: Path, name: str, lines: list[str] = CORPUS) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_prefix=str(folder / name),
        vocab_size=120,
        character_coverage=1.0,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    lines = (folder / f"{name}.vocab").read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[0] for line in lines]


def _unigram(special: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=150, special_tokens=special, unk_token="<unk>")
    tokenizer.train_from_iterator(CORPUS, trainer)
    end = tokenizer.token_to_id("</s>")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", end)]
    )
    return tokenizer

"""The OpenVINO path, in bfloat16 or, calibrated by NNCF, in int8.

Both packages come with the extra ``accel``; this room is imported only when they are wanted.
"""

import contextlib
import importlib
import io
import logging
import sys
import warnings
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lipsync.errors import MissingExtraError

KEPT = [".*output_block.*", ".*face_encoder_blocks\\.0.*"]
"""Names of the layers that stay in bfloat16: the picture's own bytes meet the first and come
out of the last. On the first trained weights this and the slow bias correction brought the
mean difference from 1.6/255 to 0.3/255, and cost 3% of the speed."""

TELEMETRY = "openvino_telemetry"
INSTALL = "pip install 'face-to-face[accel]'"


def openvino_forward(
    module: nn.Module,
    example: tuple[Tensor, Tensor, Tensor],
    calibration: tuple[Tensor, Tensor, Tensor] | None,
) -> Any:
    """Convert a ``ByteGenerator`` and compile it for the CPU.

    Args:
        module: in fp32 on the CPU.
        example: a batch (faces, references, mels); every later batch has its shapes.
        calibration: the same to quantise on, for int8; None for bfloat16.

    Returns:
        A function (mels, faces, references) to halves, as ``lipsync.engine.Forward``.

    Raises:
        MissingExtraError: openvino, or for int8 nncf, is not installed.
    """
    openvino = _require("openvino")
    # Quantised one face at a time, so that the batch decides nothing but the speed.
    one = example if calibration is None else tuple(part[:1] for part in calibration)
    inputs = _in_order(one)
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # the tracer's remarks on shapes, which are fixed here
        graph = openvino.convert_model(
            module,
            example_input=inputs,
            input=[tuple(part.shape) for part in inputs],
        )
    if calibration is not None:
        graph = _quantise(graph, calibration)
        shapes = [list(part.shape) for part in _in_order(example)]
        graph.reshape(dict(zip(graph.inputs, shapes, strict=True)))
    compiled = openvino.Core().compile_model(
        graph,
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": "bf16",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
            "PERFORMANCE_HINT": "LATENCY",
        },
    )
    request = compiled.create_infer_request()

    def forward(*parts: Tensor) -> Tensor:
        halves = request.infer([part.numpy() for part in parts], share_inputs=True)[0]
        return torch.from_numpy(np.array(halves))

    return forward


def _in_order(parts: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """(faces, references, mels) as the module takes them."""
    faces, references, mels = parts
    return mels, faces, references


def _quantise(graph: Any, calibration: tuple[Tensor, Tensor, Tensor]) -> Any:
    nncf = _require("nncf")
    logging.getLogger("nncf").setLevel(logging.WARNING)  # it tells of every layer left out
    samples = [
        [part[None].numpy() for part in one] for one in zip(*_in_order(calibration), strict=True)
    ]
    with contextlib.redirect_stdout(io.StringIO()):  # NNCF draws progress bars there
        return nncf.quantize(
            graph,
            nncf.Dataset(samples),
            preset=nncf.QuantizationPreset.MIXED,
            subset_size=len(samples),
            fast_bias_correction=False,
            ignored_scope=nncf.IgnoredScope(patterns=KEPT, validate=False),
        )


def _require(package: str) -> Any:
    # Both report to their makers over the network what is done with them, unless this package
    # is absent. Nothing here tells anybody anything.
    sys.modules.setdefault(TELEMETRY, None)  # type: ignore[arg-type]
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise MissingExtraError(f"{package} is not installed: {INSTALL}") from error

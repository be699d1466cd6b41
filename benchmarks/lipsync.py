"""Faces a second of the lip-sync engine, by path and batch, and the pixels each path changes.

    python -m benchmarks.lipsync [--weights FILE] [--video FILE …] [--batch 1 8] [--json FILE]

All paths run in turn in every round, so that a busy machine slows them alike. On a CPU the ratios
are of processor time, for the same reason; the faces a second are by the clock on the wall.
Beside each stands the arithmetic limit: the model's multiply-adds over the measured peak of a
large matrix product or convolution. Pixel differences mean something only with trained weights and
real faces.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from f2f.lips import weights as lip_weights
from lipsync.threads import sleep_while_waiting

CPU_PATHS = ("eager", "fp32", "bf16", "openvino-bf16", "openvino-int8")
GPU_PATHS = ("eager", "bf16", "compile")
UNTRAINED = "published size, RANDOM weights (speed only)"
VERDICTS = {True: "pass", False: "REFUSE", None: "-"}
FEW, MANY = 500, 10_000
"""Faces over which the peak memory is compared."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lipsync", description=__doc__)
    parser.add_argument("--weights", type=Path, help="a checkpoint; else the shipped one")
    parser.add_argument("--video", type=Path, nargs="+", default=[], help="real faces with sound")
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--faces", type=int, default=32, help="half calibrate, half are timed")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, help="of the CPU; else torch's choice")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="else the GPU if there is one")
    parser.add_argument("--paths", nargs="+", choices=(*CPU_PATHS, "compile"))
    parser.add_argument("--skip-full", action="store_true", help="leave the published size out")
    parser.add_argument("--memory", action="store_true", help=f"peak over {FEW} and {MANY} faces")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    sleep_while_waiting()  # before torch is imported, hence the imports below
    run(options)


def run(options: argparse.Namespace) -> None:
    """Measure what the options ask for."""
    import torch

    from benchmarks.lip_faces import of_photograph, of_videos
    from benchmarks.lip_memory import peak_bytes
    from benchmarks.lip_speed import Row, measure, multiply_adds, peaks
    from lipsync.checkpoint import Info, load_generator
    from lipsync.generator import FaceGenerator, Generator

    if options.threads:
        torch.set_num_threads(options.threads)
    device = options.device or ("cuda" if torch.cuda.is_available() else "cpu")
    paths = options.paths or (CPU_PATHS if device == "cpu" else GPU_PATHS)

    models: list[tuple[str, FaceGenerator, Info]] = []
    file = options.weights or lip_weights.choose(lip_weights.SHIPPED).path
    loaded = load_generator(file)
    models.append((file.name, loaded.model, loaded.info))
    if not options.skip_full:
        torch.manual_seed(0)
        models.append((UNTRAINED, Generator().eval(), Info()))

    rates = peaks(device)
    print(f"{device}, {torch.get_num_threads()} threads, torch {torch.__version__}")
    print("peak, G multiply-adds/s: " + ", ".join(f"{n} {p / 1e9:.0f}" for n, p in rates.items()))
    rows: list[Row] = []
    notes: list[str] = []
    for name, model, info in models:
        if options.video:
            items = of_videos(model, options.video, options.faces, offset=info.mel_offset)
        else:
            items = of_photograph(model, options.faces, offset=info.mel_offset)
        print(f"\n{name}: {multiply_adds(model) / 1e9:.2f} G multiply-adds a face")
        print(
            f"{'path':14} {'batch':>5} {'faces/s':>8} {'CPU ms':>7} {'× eager':>7} {'mean':>6} "
            f"{'max':>4} {'gate':>6} {'limit/s':>8} {'own':>7} {'ready s':>7}"
        )
        for batch in options.batch:
            measured, skipped = measure(
                name,
                model,
                items,
                paths=paths,
                batch=batch,
                rounds=options.rounds,
                device=device,
                peaks=rates,
                trained=name != UNTRAINED,
            )
            notes += [note for note in skipped if note not in notes]
            rows += measured
            for row in measured:
                print(
                    f"{row.path:14} {row.batch:5} {row.faces_per_second:8.1f} "
                    f"{row.processor_ms:7.1f} {row.speedup:7.2f} {row.mean_difference:6.3f} "
                    f"{row.max_difference:4.0f} {VERDICTS[row.passes]:>6} "
                    f"{row.limit:8.1f} {row.own_limit:7.1f} {row.ready_seconds:7.1f}"
                )
    for note in notes:
        print(f"left out: {note}")
    memory = {str(n): peak_bytes(n) for n in (FEW, MANY)} if options.memory else {}
    for count, size in memory.items():
        print(f"peak memory over {count} faces: {size / 1e6:.0f} MB")
    if options.json:
        figures = {
            "device": device,
            "threads": torch.get_num_threads(),
            "peaks": rates,
            "rows": [asdict(row) for row in rows],
            "left_out": notes,
            "peak_memory": memory,
        }
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()

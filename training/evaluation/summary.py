"""What an evaluation found, as means and as a table."""

from __future__ import annotations

from dataclasses import dataclass, field

from training.evaluation.sync_scorers import OffSyncAccuracy


@dataclass
class Summary:
    """All means; a measure that could not be taken says why."""

    split: str
    off_sync: dict[str, OffSyncAccuracy] = field(default_factory=dict)
    """By expert."""
    sync: dict[str, dict[str, float]] = field(default_factory=dict)
    """By scorer: mean distance and confidence of real, unsynced and generated video, and
    `gap_closed`, the part of the way from unsynced to real that the generated video has come."""
    picture: dict[str, float] = field(default_factory=dict)
    """PSNR (dB), SSIM, LMD (pixels of a 96-pixel face), FID, and the counts behind them."""
    offsets: str = ""
    """Where the offsets between sound and picture come from."""
    not_measured: dict[str, str] = field(default_factory=dict)


def table(summary: Summary) -> str:
    """The summary as Markdown."""
    lines = [f"Split `{summary.split}`. Offsets: {summary.offsets}.", ""]
    if summary.off_sync:
        lines += ["| expert | off-sync accuracy | true ranked above false |", "| --- | --- | --- |"]
        lines += [
            f"| {name} | {found.accuracy:.1%} | {found.rank:.1%} |"
            for name, found in summary.off_sync.items()
        ]
        lines.append("")
    for scorer, means in summary.sync.items():
        heading = f"| scorer {scorer}, {means['pairs']:.0f} pairs | LSE-D ↓ | LSE-C ↑ |"
        lines += [heading, "| --- | --- | --- |"]
        lines += [
            f"| {kind} | {means[f'{kind}_distance']:.3f} | {means[f'{kind}_confidence']:.3f} |"
            for kind in ("real", "unsynced", "generated")
        ]
        closed = f"| gap closed, unsynced to real | {means['gap_closed_distance']:.0%} "
        lines += [closed + f"| {means['gap_closed_confidence']:.0%} |", ""]
    if summary.picture:
        lines += ["| measure | value |", "| --- | --- |"]
        lines += [f"| {name} | {value:.4g} |" for name, value in summary.picture.items()]
        lines.append("")
    lines += [f"Not measured: {name} ({why})" for name, why in summary.not_measured.items()]
    return "\n".join(lines) + "\n"

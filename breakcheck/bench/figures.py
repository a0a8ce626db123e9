"""The source's three figures, drawn from a results file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from breakcheck.bench.protocol import FIGURE_1
from breakcheck.bench.rows import Measured, Results, Variant

WIDTH, HEIGHT = 7.0, 4.2
# Beside the axes, where it hides no bar.
_LEGEND: dict[str, Any] = {
    "fontsize": 8, "frameon": False, "loc": "upper left", "bbox_to_anchor": (1.0, 1.0),
}  # fmt: skip
COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377")


def draw(results: Results, folder: Path) -> list[Path]:
    """The files written, SVG and PNG of each figure for which there are rows."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    clean = [measured for measured in results.rows.values() if not measured.row.component]
    written: list[Path] = []
    for number, plot in ((1, _variants), (2, _lengths), (3, _batches)):
        figure, axes = plt.subplots(figsize=(WIDTH, HEIGHT), layout="constrained")
        if plot(axes, clean):
            axes.set_ylabel("milliseconds per token (median)")
            axes.set_ylim(bottom=0)
            axes.spines[["top", "right"]].set_visible(False)
            machine = results.machine.get("gpu", results.machine.get("processor", ""))
            title = axes.get_title()
            axes.set_title("")
            axes.set_title(f"{title}\n{machine}, torch {results.machine['torch']}", fontsize=10, loc="left")
            for suffix in ("svg", "png"):
                path = folder / f"figure{number}.{suffix}"
                figure.savefig(path, dpi=150)
                written.append(path)
        plt.close(figure)
    return written


def _variants(axes: Any, rows: list[Measured]) -> bool:
    """Figure 1: the variants side by side, a group a model, the limit as a line across its group."""
    shown = [m for m in rows if m.row.batch_size == 1 and m.row.variant in _FIGURE_1_ORDER]
    lengths = [m.row.sequence_length for m in shown if m.row.variant is Variant.EAGER]
    shown = [m for m in shown if m.row.sequence_length in lengths]
    models = list(dict.fromkeys(m.row.model for m in shown))
    variants = [v for v in _FIGURE_1_ORDER if any(m.row.variant is v for m in shown)]
    if not models:
        return False
    width = 0.8 / len(variants)
    for v, variant in enumerate(variants):
        bars = [
            (g, m)
            for g, model in enumerate(models)
            for m in shown
            if (m.row.model, m.row.variant) == (model, variant)
        ]
        places = [g + (v - (len(variants) - 1) / 2) * width for g, _ in bars]
        drawn = axes.bar(
            places, [m.ms_median for _, m in bars], width * 0.92, label=variant.value, color=COLOURS[v]
        )
        axes.bar_label(drawn, fmt="%.2f", fontsize=7)
    for g, model in enumerate(models):
        limit = next(m.limit_ms for m in shown if m.row.model == model)
        axes.plot([g - 0.45, g + 0.45], [limit, limit], color="black", linewidth=1, linestyle="--",
                  label="memory limit" if g == 0 else None)  # fmt: skip
    row = shown[0].row
    axes.set_xticks(range(len(models)), models)
    axes.set_title(f"Figure 1. {row.prompt_tokens} tokens in, {row.new_tokens} out, one user")
    axes.legend(**_LEGEND)
    return True


def _lengths(axes: Any, rows: list[Measured]) -> bool:
    """Figure 2: time over the length of the sequence."""
    return _curves(
        axes, [m for m in rows if m.row.batch_size == 1 and m.row.variant is Variant.COMPILE_SDPA],
        "sequence_length", "sequence length in tokens", "Figure 2. Growth with the length of the sequence",
    )  # fmt: skip


def _batches(axes: Any, rows: list[Measured]) -> bool:
    """Figure 3: time over the batch, at the longest sequence measured."""
    rows = [m for m in rows if m.row.variant is Variant.COMPILE_SDPA]
    longest = max((m.row.sequence_length for m in rows), default=0)
    rows = [m for m in rows if m.row.sequence_length == longest]
    title = f"Figure 3. Growth with the batch, {longest} tokens a row"
    return _curves(axes, rows, "batch_size", "batch size", title)


def _curves(axes: Any, rows: list[Measured], over: str, label: str, title: str) -> bool:
    drawn = False
    for i, model in enumerate(dict.fromkeys(m.row.model for m in rows)):
        points = sorted((getattr(m.row, over), m.ms_median, m.limit_ms) for m in rows if m.row.model == model)
        if len(points) < 2:
            continue
        drawn = True
        xs, ys, limits = zip(*points, strict=True)
        axes.plot(xs, ys, marker="o", color=COLOURS[i], label=f"{model} compile+sdpa")
        axes.plot(xs, limits, linestyle="--", color=COLOURS[i], linewidth=1, label=f"{model} memory limit")
        for x, y in zip(xs, ys, strict=True):
            axes.annotate(
                f"{y:.2f}", (x, y), textcoords="offset points", xytext=(0, 6), ha="center", fontsize=7
            )
        axes.set_xticks(xs)
    axes.set_xlabel(label)
    axes.set_title(title)
    if drawn:
        axes.legend(**_LEGEND)
    return drawn


_FIGURE_1_ORDER = (*FIGURE_1, Variant.CUDA_GRAPHS, Variant.FUSED)

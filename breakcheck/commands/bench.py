"""`breakcheck bench`: latency tables and figures of the reference models."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from breakcheck.errors import BreakcheckError


@click.command(name="bench")
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@click.option(
    "--device",
    default="cpu",
    show_default=True,
    help="Where to run: cpu, cuda, cuda:1; tpu:v5e:1x1 gives a cost sheet, computed.",
)
@click.option(
    "--mesh", default=None, metavar="AXES", help="For tpu: mesh axes and their sizes, data=2,model=8."
)
@click.option("--price", default=None, type=float, metavar="DOLLARS", help="For tpu: what a chip hour costs.")
@click.option("--dtype", default=None, help="Weights and activations; bfloat16 on a GPU, float32 on a CPU.")
@click.option(
    "--figure", "figures", multiple=True, type=click.IntRange(1, 3), help="Rows to run; all three by default."
)
@click.option(
    "--variant", "variants", multiple=True, help="Run these at 512 in, 50 out instead of a figure's rows."
)
@click.option("--hostile", is_flag=True, help="Also each hostile component against the clean model.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), default=Path("bench.json"), show_default=True,
              help="Results file; rows that it holds are not run again.")  # fmt: skip
@click.option(
    "--draw", type=click.Path(file_okay=False, path_type=Path), help="Draw the figures into this folder."
)
def command(
    models: tuple[str, ...],
    device: str,
    mesh: str | None,
    price: float | None,
    dtype: str | None,
    figures: tuple[int, ...],
    variants: tuple[str, ...],
    hostile: bool,
    output: Path,
    draw: Path | None,
) -> None:
    """Measure reference models: median ms per token, each number beside what reading its bytes would take."""
    if device.startswith("tpu"):
        from breakcheck.bench.tpu_sheet import tpu_sheet

        click.echo(tpu_sheet(models, device, mesh, dtype, price))
        return
    if device.partition(":")[0] not in ("cpu", "cuda"):
        raise BreakcheckError(
            f"--device {device}: bench measures on cpu and cuda, and computes a cost sheet for tpu:TOPOLOGY"
        )
    if mesh is not None or price is not None:
        raise BreakcheckError(f"--mesh and --price are for --device tpu:..., not for {device}")
    try:
        import torch
    except ImportError as error:
        raise BreakcheckError("bench needs torch: pip install 'torch-breakcheck[runtime,bench]'") from error
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise BreakcheckError(f"--device {device}: this torch sees no CUDA device")

    from breakcheck.bench.protocol import figure_rows, prompt_row, shape_of
    from breakcheck.bench.rows import Row, Variant
    from breakcheck.bench.runner import open_results, run_rows
    from breakcheck.bench.table import as_markdown

    contexts: dict[str, int] = {}
    for model in models:
        try:
            contexts[model] = shape_of(model).max_seq_len
        except ValueError as error:
            raise BreakcheckError(str(error)) from error
    known = [variant.value for variant in Variant]
    for name in variants:
        if name not in known:
            raise BreakcheckError(f"--variant {name}: unknown; there are {', '.join(known)}")
    fastest = Variant.CUDA_GRAPHS if device.startswith("cuda") else None
    rows: list[Row] = []
    for model in models:
        context = contexts[model]
        if variants:
            rows += [prompt_row(model, context, Variant(name)) for name in variants]
        else:
            for figure in figures or (1, 2, 3):
                rows += figure_rows(figure, model, context, fastest)
        if hostile:
            from breakcheck_models.llama.hostile.swap import COMPONENTS

            rows += [prompt_row(model, context, Variant.COMPILE_SDPA, name) for name in ("", *COMPONENTS)]
    results = open_results(output, device, " ".join(["breakcheck", *sys.argv[1:]]))
    chosen = dtype or ("bfloat16" if device.startswith("cuda") else "float32")
    run_rows(rows, results, device, chosen, lambda line: click.echo(line, err=True))
    click.echo(as_markdown(results))
    if draw is not None:
        from breakcheck.bench.figures import draw as draw_figures

        for path in draw_figures(results, draw):
            click.echo(f"wrote {path}", err=True)
    if any(row.key in results.refused for row in rows):
        raise click.exceptions.Exit(1)

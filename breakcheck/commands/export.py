"""`breakcheck export`: a target as a StableHLO program, loaded again and compared with eager."""

from __future__ import annotations

from pathlib import Path

import click

from breakcheck.errors import BreakcheckError

# Bound on the largest difference to eager, over the largest value: what float32 on another backend may differ by.
BOUND = {"float32": 1e-4, "bfloat16": 5e-2, "float16": 1e-2, "float64": 1e-10}


@click.command("export")
@click.argument("target")
@click.option("--to", "form", type=click.Choice(["stablehlo"]), default="stablehlo", show_default=True)
@click.option("--dtype", type=click.Choice(sorted(BOUND)), default="float32", show_default=True)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write."
)
@click.option("--timeout", type=float, default=600.0, show_default=True, help="Seconds it may take.")
def command(target: str, form: str, dtype: str, output: Path, timeout: float) -> int:
    """Write the program of TARGET's last call to a folder, load it from there and compare it with eager."""
    from breakcheck import environments
    from breakcheck.runtime.devices.subprocesses import run_worker
    from breakcheck.runtime.places import display_path

    python = environments.python_of("tpu")
    request = {"target": target, "dtype": dtype, "folder": str(output.resolve())}
    answer = run_worker(python, "export_worker.py", request, timeout, {})
    if answer.ended:
        raise BreakcheckError(f"{target}: {answer.ended}")
    report = answer.report
    if "error" in report:
        error = report["error"]
        refused = error.get("refused")
        if refused is None:
            raise BreakcheckError(str(error["message"]))
        source = refused["source"]
        where = f" at {display_path(source['path'])}:{source['line']}" if source["path"] else ""
        raise BreakcheckError(f"{target}: {refused['op']} {refused['message']}{where}".replace(":  ", ": "))
    difference = float(report["difference"])
    click.echo(
        f"{output}: {report['inputs']} inputs, {report['outputs']} outputs, "
        f"{report['files']['program.mlir']} bytes of StableHLO; loaded again, differs from eager by {difference:.1e} "
        f"of the largest value (bound {BOUND[dtype]:g})"
    )
    return 0 if difference <= BOUND[dtype] else 1

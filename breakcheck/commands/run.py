"""`breakcheck run`: any program, observed from outside, like `coverage run`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from breakcheck.commands.check_output import in_known_folders, painted, write_json, write_page
from breakcheck.errors import BreakcheckError


@click.command("run", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("-m", "module", metavar="MODULE", help="Run a module (torch.distributed.run, pytest, ...).")
@click.option("--json", "json_file", metavar="FILE", help="Write the report as JSON.")
@click.option("--html", "html_file", metavar="FILE", help="Write one self-contained page.")
@click.option("--max-breaks", type=click.IntRange(min=0), default=0, help="How many break sites may stay.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 even when there are breaks.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[SCRIPT] [ARGS]...")
def command(
    module: str | None,
    json_file: str | None,
    html_file: str | None,
    max_breaks: int,
    exit_zero: bool,
    arguments: tuple[str, ...],
) -> int:
    """Run a SCRIPT (or -m MODULE) with its ARGS and report what it compiled: breaks, recompiles, fallbacks.

    The program runs as it is, in a process of its own; processes that it starts are observed too (a torchrun job:
    `breakcheck run -m torch.distributed.run --nproc-per-node 2 train.py`). The report comes when it ends, however it
    ends.
    """
    from importlib.util import find_spec

    if module is None and not arguments:
        raise BreakcheckError("name a SCRIPT, or -m MODULE")
    if module is None and not Path(arguments[0]).is_file():
        raise BreakcheckError(f"{arguments[0]}: no such script")
    if find_spec("torch") is None:
        raise BreakcheckError(
            "run needs torch, which is not installed: pip install 'torch-breakcheck[runtime]'"
        )
    in_known_folders(html=html_file, json=json_file)
    name = module or arguments[0]
    command_line = ["-m", module, *arguments] if module else list(arguments)
    return _observe(name, command_line, json_file, html_file, max_breaks, exit_zero)


def _observe(
    name: str,
    command_line: list[str],
    json_file: str | None,
    html_file: str | None,
    max_breaks: int,
    exit_zero: bool,
) -> int:
    from breakcheck.commands.check import findings_of
    from breakcheck.config import load_config
    from breakcheck.join import RuleTable
    from breakcheck.runtime.assemble import Policy, assemble
    from breakcheck.runtime.scenario import Scenario
    from breakcheck.runtime.script_run import observe_program
    from breakcheck.runtime.terminal import full

    config = load_config(Path.cwd())
    table = RuleTable(tuple(str(config.root / folder) for folder in config.rule_paths))
    outcome, code = observe_program(command_line, name)
    findings, note = findings_of(outcome.raw, config, table, everything=False)
    scenario = Scenario(target=name, backend=str(outcome.raw["environment"]["backend"]))
    report = assemble(scenario, outcome, table=table, findings=findings, policy=Policy(max_breaks))
    report = replace(report, lint=None, options={}, notes=(*report.notes, note) if note else report.notes)
    click.echo("\n" + painted(full(report)))
    if json_file is not None:
        write_json(json_file, [report])
    write_page(html_file, [report], [])
    if code:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        raise BreakcheckError(f"{name} {how}; the report covers what it compiled until then")
    return 0 if exit_zero else report.exit_code()

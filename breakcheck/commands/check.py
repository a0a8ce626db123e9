"""`breakcheck check`: flags to scenarios, a worker a target, reports out."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breakcheck.commands.check_output import (
    earlier_reports,
    echo_format,
    in_known_folders,
    output_options,
    painted,
    write_json,
    write_page,
)
from breakcheck.errors import BreakcheckError, ConfigError, TargetError

if TYPE_CHECKING:
    from breakcheck.config import Config
    from breakcheck.join import RuleTable, Static
    from breakcheck.runtime.ranks import Ranks
    from breakcheck.runtime.report_data import Report
    from breakcheck.runtime.scenario import Scenario
    from breakcheck.runtime.supervise import Outcome

# Keys of [tool.breakcheck.check] and the types they take.
KEYS: dict[str, tuple[type, ...]] = {
    "device": (str,),
    "mesh": (str,),
    "backend": (str,),
    "mode": (str,),
    "dtype": (str,),
    "latency": (str,),
    "max-breaks": (int,),
    "timeout": (int, float),
    "memory-limit": (int, float),
    "owners": (list,),
    "baseline": (str,),
    "strict": (bool,),
    "targets": (list,),
    "pytest": (dict,),  # the pytest plugin's own keys, checked there
}
DTYPES = ("float64", "float32", "bfloat16", "float16")


@click.command("check")
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option(
    "--device",
    help="Where to run: cpu, cuda, xla, tpu:v5e:2x4 or torch-tpu:v5e:1x1 (compiled, not executed).  [default: cpu]",
)
@click.option("--mesh", metavar="AXES", help="For xla and tpu: mesh axes and their sizes, data=2,model=8.")
@click.option("--backend", help="Backend of torch.compile.  [default: inductor]")
@click.option("--mode", help="Mode of torch.compile (reduce-overhead, max-autotune).")
@click.option("--dtype", type=click.Choice(DTYPES), help="Run model and inputs in this dtype.")
@click.option("--dynamic/--no-dynamic", default=None, help="Passed to torch.compile.")
@click.option("--train/--eval", default=None, help="With backward, or without.  [default: as the case says]")
@click.option(
    "--calls", type=click.IntRange(min=1), help="Make at least this many calls; the last is repeated."
)
@click.option("--warmup", type=click.IntRange(min=0), help="How many calls may compile.  [default: 1]")
@click.option("--only", metavar="NAMES", help="Only these verdicts: breaks,recompiles,parity,latency,...")
@click.option(
    "--latency", metavar="BUDGET", help='"r<=0.9", "ms<=5@MACHINE", "limit<=2" or "off".  [default: r<=1.0]'
)
@click.option("--max-breaks", type=click.IntRange(min=0), help="How many break sites may stay.  [default: 0]")
@click.option("--timeout", type=float, help="Seconds a target may take.  [default: 600]")
@click.option("--memory-limit", type=float, metavar="GIB", help="Resident memory a target may use.")
@click.option("--strict", is_flag=True, help="Inconclusive verdicts fail too.")
@click.option(
    "--lint", "with_lint", is_flag=True, help="Lint what ran: which findings this run confirms or refutes."
)
@click.option("--explain", is_flag=True, help="Add what torch._dynamo.explain says.")
@click.option(
    "--baseline", type=click.Path(path_type=Path, dir_okay=False), help="Breaks in this file are known."
)
@click.option("--update-baseline", is_flag=True, help="Write what is seen to the baseline.")
@click.option(
    "--json", "json_file", metavar="FILE", help="Write the reports as JSON (- for standard output)."
)
@output_options
@click.option("--quiet", "-q", is_flag=True, help="Only the summary.")
def command(targets: tuple[str, ...], json_file: str | None, quiet: bool, **flags: Any) -> int:
    """Run each TARGET compiled and give its verdicts.

    TARGET: a bundled model (llama2-tiny, llama2-tiny@hostile), file.py:factory, package.module:factory, or a file
    whose functions case, case_... are all checked, or a folder with a breakcheck_cases.py. A factory takes no argument
    and returns breakcheck.Case(model, calls=[...]) or (model, example_inputs). Without TARGET: this folder.

    Under a launcher (torchrun --nproc-per-node 2 -m breakcheck check TARGET) all ranks run it, and rank 0 gives one
    report that names them; the factory makes the process group.
    """
    from breakcheck.runtime.ranks import launched

    ranks = launched()
    if ranks is None:
        return _check(targets, json_file, quiet, flags, None)
    try:
        return _check(targets, json_file, quiet, flags, ranks)
    except BreakcheckError:
        if ranks.rank == 0:
            raise
        return 0  # rank 0 met the same and says so
    finally:
        ranks.leave()


def _check(
    targets: tuple[str, ...], json_file: str | None, quiet: bool, flags: dict[str, Any], ranks: Ranks | None
) -> int:
    from breakcheck.config import load_config

    config = load_config(Path.cwd())
    settings = _settings(config, flags)
    template = _template(settings, ranks is not None)
    _need_torch()
    scenarios, errors = _scenarios(targets, settings, template)
    form = settings.get("output_format", "full")
    if form != "full" and json_file == "-":
        raise BreakcheckError(
            f"--json - and --output-format {form} both want standard output: give --json a file"
        )
    in_known_folders(html=settings.get("html_file"), json=json_file)
    settings["earlier"] = earlier_reports(settings.get("since"))
    reports = _run_all(scenarios, settings, config, quiet, json_file == "-" or form != "full", ranks)
    if ranks is not None and ranks.rank:
        return 0  # handed over: a launcher ends the others when one exits otherwise
    return _finish(reports, errors, settings, json_file, quiet)


def _settings(config: Config, flags: dict[str, Any]) -> dict[str, Any]:
    """Flags over the configuration's table over the defaults."""
    table: dict[str, Any] = {}
    where = config.root / "pyproject.toml"
    for key, value in config.check.items():
        if key not in KEYS:
            raise ConfigError(
                f"{where}: unknown key tool.breakcheck.check.{key}; known keys: {', '.join(KEYS)}"
            )
        if not isinstance(value, KEYS[key]) or (isinstance(value, bool) and bool not in KEYS[key]):
            raise ConfigError(
                f"{where}: tool.breakcheck.check.{key} must be {KEYS[key][0].__name__}, got {value!r}"
            )
        table[key.replace("-", "_")] = value
    given = {key: value for key, value in flags.items() if value is not None and value is not False}
    settings = {**table, **given}
    baseline = settings.get("baseline")
    settings["baseline"] = (config.root / baseline) if isinstance(baseline, str) else baseline
    if settings.get("update_baseline") and settings["baseline"] is None:
        raise BreakcheckError("--update-baseline needs --baseline FILE (or tool.breakcheck.check.baseline)")
    return settings


def _template(settings: dict[str, Any], several: bool) -> Scenario:
    from breakcheck.runtime.devices import ADAPTERS, ENVIRONMENT_DEVICES
    from breakcheck.runtime.scenario import Scenario, parse_budget, parse_only

    device = settings.get("device", "cpu")
    if device not in ADAPTERS and device.partition(":")[0] not in ENVIRONMENT_DEVICES:
        known = ", ".join([*ADAPTERS, *ENVIRONMENT_DEVICES])
        raise BreakcheckError(f"--device {device}: no such device; known: {known}")
    if settings.get("mesh") and device in ADAPTERS:
        raise BreakcheckError(f"--mesh is for xla and tpu, not for {device}")
    if several and device not in ADAPTERS:
        raise BreakcheckError(f"--device {device} takes one process, not the ranks of a launcher")
    if settings.get("latency"):
        parse_budget(settings["latency"])
    timeout = float(settings.get("timeout", 600))
    memory = settings.get("memory_limit")
    for option, number in (("timeout", timeout), ("memory-limit", memory)):
        if number is not None and not 0 < number < math.inf:
            raise BreakcheckError(f"--{option} must be a positive number, got {number:g}")
    return Scenario(
        target="",
        device=device,
        backend=settings.get("backend", "inductor"),
        mode=settings.get("mode"),
        dtype=settings.get("dtype"),
        dynamic=settings.get("dynamic"),
        train=settings.get("train"),
        calls=settings.get("calls"),
        warmup=settings.get("warmup"),
        only=parse_only(settings.get("only", "")),
        latency=settings.get("latency"),
        explain=bool(settings.get("explain")),
        timeout_s=timeout,
        memory_gb=memory,
        mesh=settings.get("mesh"),
    )


def _need_torch() -> None:
    from importlib.util import find_spec

    if find_spec("torch") is None:
        raise BreakcheckError(
            "check needs torch, which is not installed: pip install 'torch-breakcheck[runtime]'"
        )


def _scenarios(
    targets: tuple[str, ...], settings: dict[str, Any], template: Scenario
) -> tuple[list[Scenario], list[str]]:
    from breakcheck.runtime.targets import CONVENTION, expand

    named = targets or tuple(settings.get("targets", ()))
    if not named:
        if not Path(CONVENTION).is_file():
            raise BreakcheckError(f"name a TARGET, or list your cases in {CONVENTION}")
        named = (CONVENTION,)
    found: list[Scenario] = []
    errors: list[str] = []
    for target in named:
        try:
            found += [replace(template, target=name) for name in expand(target)]
        except TargetError as error:
            errors.append(str(error))
    return found, errors


def _run_all(
    scenarios: list[Scenario],
    settings: dict[str, Any],
    config: Config,
    quiet: bool,
    to_stdout: bool,
    ranks: Ranks | None,
) -> list[Report]:
    from breakcheck.join import RuleTable
    from breakcheck.registry import RuleLoadError
    from breakcheck.runtime.assemble import Policy, assemble
    from breakcheck.runtime.rank_merge import merged_report
    from breakcheck.runtime.supervise import run_scenario
    from breakcheck.runtime.terminal import full

    try:
        table = RuleTable(tuple(str(config.root / folder) for folder in config.rule_paths))
    except RuleLoadError as error:
        raise BreakcheckError(str(error)) from None
    known = frozenset(_known(settings))
    policy = Policy(int(settings.get("max_breaks", 0)), tuple(settings.get("owners", ())), known)
    reports: list[Report] = []

    def judged(scenario: Scenario, outcome: Outcome) -> Report:
        everything = bool(settings.get("with_lint"))
        findings, note = findings_of(outcome.raw, config, table, everything=everything)
        report = assemble(scenario, outcome, table=table, findings=findings, policy=policy)
        notes = (*report.notes, note) if note else report.notes
        return replace(report, lint=report.lint if everything else None, notes=notes)

    for number, scenario in enumerate(scenarios, 1):
        with _progress(f"checking {scenario.target} ({number} of {len(scenarios)})", ranks):
            elsewhere = _elsewhere(scenario)
            if elsewhere is not None:
                reports.append(elsewhere)
                if elsewhere.verdicts and not quiet and not to_stdout:
                    click.echo(painted(full(elsewhere)) + "\n")
                continue
            here = ranks.for_target(number) if ranks is not None else None
            outcome = run_scenario(scenario, ranks=here)
            if here is None:
                report = judged(scenario, outcome)
            else:
                outcomes = here.gather(outcome, scenario.timeout_s)
                if here.rank:
                    continue
                report = merged_report([judged(scenario, each) for each in outcomes])
        reports.append(report)
        if report.verdicts and not quiet and not to_stdout:
            click.echo(painted(full(report)) + "\n")
    return reports


def _elsewhere(scenario: Scenario) -> Report | None:
    """The report of a device that lives in an environment of its own, None for a device of this process."""
    from breakcheck.runtime.devices import whole_check
    from breakcheck.runtime.report_data import Failure, Report

    check = whole_check(scenario.device)
    if check is None:
        return None
    try:
        return check(scenario)
    except BreakcheckError as error:
        return Report(scenario.target, failure=Failure("environment", str(error)))


def findings_of(
    raw: dict[str, Any], config: Config, table: RuleTable, *, everything: bool
) -> tuple[tuple[Static, ...] | None, str]:
    """Static findings of the files in question: all that ran under --lint, else those where something was seen."""
    from breakcheck.runtime.places import actual_path

    files = {site["file"] for data in raw.get("evidence", {}).values() for site in data.get("sites", [])}
    if everything:
        files |= {file for graph in raw.get("graphs", ()) for file in graph["lines"]}
        files |= {frame["file"] for frame in raw.get("skipped_frames", ())}
    shown = (actual_path(file, Path.cwd()) for file in files if file)
    paths = sorted(path for path in shown if path.is_file())
    if not paths:
        return ((), "") if everything else (None, "")
    from breakcheck.join import silenced_findings, static_findings
    from breakcheck.linter import lint
    from breakcheck.settings import make_options

    try:
        result = lint(paths, make_options(config, target_torch=_release(raw)))
    except BreakcheckError as error:
        return None, f"the linter could not run: {error}"
    return (*static_findings(result.findings), *silenced_findings(result.silenced, table)), ""


def _release(raw: dict[str, Any]) -> str | None:
    """The release of the torch that ran, "2.13"."""
    version = str(raw.get("environment", {}).get("torch", ""))
    return ".".join(version.split(".")[:2]) or None


def _known(settings: dict[str, Any]) -> list[tuple[str, str, str, str, str]]:
    if settings["baseline"] is None or (
        settings.get("update_baseline") and not settings["baseline"].exists()
    ):
        return []
    from breakcheck.known_breaks import read_known

    return [(*entry.identity,) for entry in read_known(settings["baseline"])]


def _finish(
    reports: list[Report], errors: list[str], settings: dict[str, Any], json_file: str | None, quiet: bool
) -> int:
    from breakcheck.runtime.terminal import failure_line, overview, summary

    form = settings.get("output_format", "full")
    taken = json_file == "-" or form != "full"  # standard output belongs to a program
    if settings["baseline"] is not None:
        from breakcheck.runtime.ratchet import compare_with_baseline, update_baseline

        if settings.get("update_baseline"):
            click.echo(update_baseline(settings["baseline"], reports), err=taken)
        else:
            reports, text = compare_with_baseline(settings["baseline"], reports)
            if text:
                click.echo(text, err=taken)
    if json_file is not None:
        write_json(json_file, reports)
    write_page(settings.get("html_file"), reports, settings["earlier"])
    strict = bool(settings.get("strict"))
    if form != "full":
        echo_format(form, reports, settings["earlier"], strict=strict)
    for report in reports:
        if report.failure is not None:
            errors.append(failure_line(report))
    if reports:
        table = overview(reports)
        if table:
            click.echo(table, err=taken)
        click.echo(summary(reports, strict), err=taken)
    for line in errors:
        click.echo(f"breakcheck: error: {' '.join(line.split())}", err=True)
    if errors:
        return 2
    if settings.get("update_baseline"):
        return 0
    return max((report.exit_code(strict) for report in reports), default=0)


def _progress(text: str, ranks: Ranks | None) -> Any:
    """A spinner on a terminal, nothing elsewhere and from the ranks that only hand over."""
    from contextlib import nullcontext

    if not sys.stderr.isatty() or (ranks is not None and ranks.rank):
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(text)

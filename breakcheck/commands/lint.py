"""`breakcheck lint`: flags to options, files to a report, fixes to files."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from breakcheck.errors import BreakcheckError

if TYPE_CHECKING:
    from breakcheck.config import Config
    from breakcheck.options import Options
    from breakcheck.result import FileError, LintResult

VERIFY_SECONDS = 600.0  # one run of the target of --verify
FORMAT_NAMES = ("full", "concise", "json", "json-lines", "sarif", "github", "gitlab", "junit", "markdown")


def _codes(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.strip() for value in values for code in value.split(",") if code.strip())


@click.command("lint")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--fix", is_flag=True, help="Apply the safe fixes.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: apply the unsafe fixes too.")
@click.option("--diff", is_flag=True, help="Show what --fix would change; write nothing.")
@click.option(
    "--verify", metavar="TARGET", help="With --fix or --diff: run TARGET before and after; keep what holds."
)
@click.option(
    "--select", multiple=True, callback=_codes, help="Only these codes, prefixes or names (comma separated)."
)
@click.option("--ignore", multiple=True, callback=_codes, help="Not these codes, prefixes or names.")
@click.option(
    "--min-confidence",
    type=click.Choice(["certain", "likely"]),
    help="certain: only findings whose every fact was derived.  [default: likely]",
)
@click.option(
    "--target-torch", metavar="VERSION", help='The torch that will run the code: "2.13" or ">=2.9,<2.14".'
)
@click.option(
    "--with",
    "pins",
    multiple=True,
    metavar="NAME==VERSION",
    help="A library the code runs with (einops==0.6.1).",
)
@click.option("--output-format", type=click.Choice(FORMAT_NAMES), default="full", show_default=True)
@click.option("--statistics", is_flag=True, help="Count findings by rule instead of listing them.")
@click.option("--exit-zero", is_flag=True, help="Exit 0 even when there are findings.")
@click.option("--no-cache", is_flag=True, help="Read and analyse every file again.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Processes to use.  [default: one a core]")
@click.option(
    "--root", "roots", multiple=True, metavar="MODULE:QUALNAME", help="A further function that gets compiled."
)
@click.option(
    "--exclude", multiple=True, metavar="GLOB", help="Leave out files and folders (gitignore patterns)."
)
@click.option(
    "--baseline", type=click.Path(path_type=Path, dir_okay=False), help="Findings in this file are known."
)
@click.option(
    "--update-baseline", is_flag=True, help="Write the findings to the baseline instead of reporting them."
)
@click.option(
    "--stdin-filename", metavar="NAME", help="The name of what is read from standard input (PATH is -)."
)
def command(paths: tuple[Path, ...], output_format: str, exit_zero: bool, **flags: object) -> int:
    """Find what Dynamo will break on in PATHS (files, folders, - for standard input; default: here).

    Nothing that is read is imported or run.
    """
    from breakcheck.config import load_config
    from breakcheck.files import collect_files

    paths = paths or (Path(),)
    stdin = paths == (Path("-"),)
    if not stdin and Path("-") in paths:
        raise BreakcheckError("- (standard input) cannot be mixed with other paths")
    start = Path.cwd() if stdin or not paths[0].exists() else paths[0]
    config = load_config(start if start.is_dir() else start.parent)
    if stdin:
        return _finish(_lint_stdin(_options(config, flags), flags), output_format, exit_zero, flags)
    files, errors = collect_files(paths, (*config.exclude, *_strings(flags["exclude"])), config.root)
    if not files and not errors:
        click.echo("breakcheck: warning: no Python files found", err=True)
    if flags["verify"] and not (flags["fix"] or flags["diff"]):
        raise BreakcheckError("--verify goes with --fix or --diff")
    if flags["fix"] or flags["diff"]:
        code, refused = _fix(files, _options(config, flags), flags)
        errors += refused
        if flags["diff"]:
            return _with_errors(0 if exit_zero else code, errors)
    result = _result(files, config, flags)
    result = replace(result, errors=tuple(sorted([*result.errors, *errors], key=lambda e: (e.path, e.line))))
    result = _against_baseline(result, config, flags)
    return _finish(result, output_format, exit_zero, flags)


def _result(files: list[Path], config: Config, flags: dict[str, object]) -> LintResult:
    """The result of the files: an earlier run's when nothing has changed, else a new one."""
    if flags["no_cache"]:
        from breakcheck.linter import lint

        return lint(files, _options(config, flags))
    from breakcheck.recall import Recall

    shown = (
        "jobs",
        "statistics",
        "baseline",
        "update_baseline",
        "no_cache",
        "fix",
        "unsafe_fixes",
        "stdin_filename",
    )
    recall = Recall(config, {name: value for name, value in flags.items() if name not in shown}, files)
    known = recall.result()
    if known is not None:
        return known
    from breakcheck.linter import lint
    from breakcheck.registry import load_rules

    options = _options(config, flags)
    result = lint(files, options)
    recall.keep(result, [loaded.folder for loaded in load_rules(options.rule_paths)])
    return result


def _options(config: Config, flags: dict[str, object]) -> Options:
    from breakcheck.settings import make_options

    target, confidence, jobs = flags["target_torch"], flags["min_confidence"], flags["jobs"]
    return make_options(
        config,
        select=_strings(flags["select"]),
        ignore=_strings(flags["ignore"]),
        exclude=_strings(flags["exclude"]),
        roots=_strings(flags["roots"]),
        pins=_strings(flags["pins"]),
        target_torch=None if target is None else str(target),
        min_confidence=None if confidence is None else str(confidence),
        jobs=jobs if isinstance(jobs, int) else None,
        use_cache=not flags["no_cache"],
    )


def _strings(value: object) -> tuple[str, ...]:
    assert isinstance(value, tuple)
    return value


def _lint_stdin(options: Options, flags: dict[str, object]) -> LintResult:
    from breakcheck.files import decode_source
    from breakcheck.linter import lint

    name = Path(str(flags["stdin_filename"] or "stdin.py"))
    try:
        text = decode_source(sys.stdin.buffer.read())
    except UnicodeDecodeError as error:
        reason = f"not {error.encoding} ({error.reason} at byte {error.start})"
        raise BreakcheckError(f"standard input: {reason}") from None
    except SyntaxError as error:
        raise BreakcheckError(f"standard input: cannot be decoded: {error.msg}") from None
    if flags["fix"] or flags["diff"]:
        raise BreakcheckError("--fix and --diff need files; standard input is only reported on")
    return lint([name], replace(options, jobs=1), overrides={name: text})


def _fix(files: list[Path], options: Options, flags: dict[str, object]) -> tuple[int, tuple[FileError, ...]]:
    """Write the fixes, or show them as a diff: 1 when a diff has something to show, and the files not fixed."""
    from breakcheck.files import display_path, read_source, write_source
    from breakcheck.linter import fix_files

    unsafe = bool(flags["unsafe_fixes"])
    refused: tuple[FileError, ...] = ()
    if flags["verify"]:
        from breakcheck.verify import verified_fixes

        held = verified_fixes(
            files, options, unsafe=unsafe, target=str(flags["verify"]), timeout=VERIFY_SECONDS
        )
        for line in held.taken_back:
            click.echo(line, err=True)
        changed = {path: (read_source(path), text) for path, text in held.texts.items()}
        total = len(held.kept)
    else:
        changed, total, refused = fix_files(files, options, unsafe=unsafe)
    if flags["diff"]:
        from difflib import unified_diff

        for path, (before, after) in sorted(changed.items()):
            name = display_path(path)
            lines = unified_diff(before.splitlines(True), after.splitlines(True), f"a/{name}", f"b/{name}")
            click.echo("".join(lines), nl=False)
        return 1 if changed else 0, refused
    for path, (_before, after) in changed.items():
        write_source(path, after)
    if total:
        verified = ", verified by the target" if flags["verify"] else ""
        problems = f"{total} problem{'s' if total != 1 else ''}"
        click.echo(
            f"Fixed {problems} in {len(changed)} file{'s' if len(changed) != 1 else ''}{verified}.", err=True
        )
    return 0, refused


def _against_baseline(result: LintResult, config: Config, flags: dict[str, object]) -> LintResult:
    from breakcheck.baseline import identity, read_baseline, split, write_baseline
    from breakcheck.files import with_sources

    given = flags["baseline"]
    path = given if isinstance(given, Path) else config.root / config.baseline if config.baseline else None
    if path is None:
        if flags["update_baseline"]:
            raise BreakcheckError(
                "--update-baseline needs --baseline FILE (or `baseline` in the configuration)"
            )
        return result
    root = path.resolve().parent
    result = with_sources(result)
    if flags["update_baseline"]:
        write_baseline(path, [identity(f, result.sources, root) for f in result.findings])
        click.echo(f"Wrote {len(result.findings)} findings to {path}.", err=True)
        return replace(result, findings=(), known=len(result.findings))
    new, known, unused = split(result.findings, read_baseline(path), result.sources, root)
    return replace(result, findings=tuple(new), known=known, unused_baseline=unused)


def _finish(result: LintResult, output_format: str, exit_zero: bool, flags: dict[str, object]) -> int:
    from breakcheck.output import FORMATS
    from breakcheck.output.text import statistics, summary

    if flags["statistics"]:
        text = "\n".join(part for part in (statistics(result), summary(result)) if part)
    else:
        from breakcheck.files import with_sources

        text = FORMATS[output_format](with_sources(result) if output_format == "full" else result)
    if text:
        from breakcheck.output.color import paint

        click.echo(paint(text) if output_format in ("full", "concise") else text)
    return _with_errors(1 if result.findings and not exit_zero else 0, result.errors)


def _with_errors(code: int, errors: object) -> int:
    assert isinstance(errors, list | tuple)
    for error in errors:
        click.echo(f"breakcheck: error: {error.path}:{error.line}: {error.message}", err=True)
    return 2 if errors else code

"""Where the reports of `check` go besides the terminal: a page, a CI's format on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breakcheck.errors import BreakcheckError

if TYPE_CHECKING:
    from breakcheck.runtime.report_data import Report

FORMATS = ("full", "github", "junit", "markdown")


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options `--html`, `--output-format` and `--since`, given to a command."""
    for option in (
        click.option(
            "--since", metavar="FILE", help="An earlier --json: page and Markdown show what changed since."
        ),
        click.option(
            "--output-format",
            type=click.Choice(FORMATS),
            help="What standard output gets; the summary goes to standard error then.  [default: full]",
        ),
        click.option("--html", "html_file", metavar="FILE", help="Write one self-contained page."),
    ):
        command = option(command)
    return command


def in_known_folders(**files: str | None) -> None:
    """Raise BreakcheckError now, not after a long check, when the folder of an option's file is missing."""
    for option, file in files.items():
        if file not in (None, "-") and not Path(file).resolve().parent.is_dir():
            raise BreakcheckError(f"--{option} {file}: no such folder")


def earlier_reports(file: str | None) -> list[Report]:
    """The reports of an earlier `--json` file, [] for None; raises BreakcheckError when it is no such file."""
    if file is None:
        return []
    from breakcheck.runtime.report import as_reports

    try:
        return as_reports(json.loads(Path(file).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BreakcheckError(
            f"--since {file}: not the JSON of a check: {type(error).__name__}: {error}"
        ) from None


def write_json(target: str, reports: list[Report]) -> None:
    """One target: its report. Several: {"version", "reports": [...]}."""
    data: Any = (
        reports[0].to_dict()
        if len(reports) == 1
        else {"version": 1, "reports": [r.to_dict() for r in reports]}
    )
    text = json.dumps(data, indent=1) + "\n"
    if target == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BreakcheckError(f"--json {target}: {error.strerror}") from None


def write_page(file: str | None, reports: list[Report], earlier: list[Report]) -> None:
    """Write the HTML page, if one is asked for."""
    if file is None:
        return
    from breakcheck.runtime.report import render_html

    try:
        Path(file).write_text(render_html(reports, baseline=earlier), encoding="utf-8")
    except OSError as error:
        raise BreakcheckError(f"--html {file}: {error.strerror}") from None


def echo_format(name: str, reports: list[Report], earlier: list[Report], *, strict: bool) -> None:
    """Print the reports in a CI's format."""
    from breakcheck.runtime.report import render_github, render_junit, render_markdown

    text = {
        "github": lambda: render_github(reports),
        "junit": lambda: render_junit(reports, strict=strict),
        "markdown": lambda: render_markdown(reports, baseline=earlier),
    }[name]()
    if text:
        click.echo(text.rstrip("\n"))


def painted(text: str) -> str:
    """The text in colours on a terminal."""
    if not sys.stdout.isatty():
        return text
    from breakcheck.runtime.terminal_colour import paint

    return paint(text)

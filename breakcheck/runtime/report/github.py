"""GitHub workflow commands: one annotation a new place, errors for what fails, warnings for the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from breakcheck.runtime.report.taking import (
    Reports,
    as_reports,
    hidden_lines,
    one_line,
    recompile_causes,
    rule_label,
)
from breakcheck.runtime.report_data import FREE, VERDICTS, Report, Status


def render_github(report: Reports) -> str:
    """The annotations of one or several reports, a line each; "" when there is nothing to annotate."""
    return "\n".join(line for one in as_reports(report) for line in _annotations(one))


def _data(text: object) -> str:
    return str(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: object) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _command(level: str, title: str, message: str, file: str = "", line: int = 0) -> str:
    properties = [f"title={_property(one_line(title, 120))}"]
    if file:
        properties = [f"file={_property(file)}", f"line={max(1, line)}", *properties]
    return f"::{level} {','.join(properties)}::{_data(one_line(message, 600))}"


def _annotations(report: Report) -> Iterator[str]:
    if report.failure:
        failure = report.failure
        yield _command(
            "error",
            f"breakcheck: {report.target}",
            f"{failure.kind}: {failure.message}",
            failure.file,
            failure.line,
        )
    for name, verdict in report.verdicts.items():
        failed = verdict.status is Status.FAIL
        level = "error" if failed else "warning"
        lines = list(_places(report.target, name, verdict.evidence, level))
        yield from lines
        if failed and not lines:
            yield _command(
                "error", f"breakcheck {VERDICTS.get(name, name)}", f"{report.target}: {verdict.summary}"
            )


def _places(target: str, name: str, evidence: Mapping[str, Any], level: str) -> Iterator[str]:
    if name == "recompiles":
        for again in recompile_causes(evidence.get("sites", [])):
            title = f"breakcheck recompile ({again.site['class']})"
            text = f"{target}: {again.what}: {'; '.join(again.guards)}"
            yield _command(level, title, text, str(again.site["file"]), again.line)
        return
    for key in ("sites", "limits") if name == "graph_breaks" else ("sites",):
        for site in evidence.get(key, []):
            if site.get("status", "new") not in FREE:
                place = str(site.get("file") or ""), int(site.get("line") or 0)
                yield _command(
                    level, f"breakcheck {_title(name, site)}", f"{target}: {_message(site)}", *place
                )


def _title(verdict: str, site: Mapping[str, Any]) -> str:
    label = f"{rule_label(site)} {site.get('rule_name') or ''}".strip()
    return f"{label} ({site.get('gb_id') or VERDICTS.get(verdict, verdict)})"


def _message(site: Mapping[str, Any]) -> str:
    text = str(site.get("reason") or site.get("guard") or site.get("source") or "")
    if site.get("hides"):
        text += f" A whole frame ran eagerly: {hidden_lines(site)} were not analysed; fix this first."
    if site.get("fix"):
        text += f" Instead: {site['fix']}"
    return text

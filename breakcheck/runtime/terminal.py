"""A report as people read it in a terminal: verdicts in a table, then each place with its rule, grouped by file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tabulate import tabulate

from breakcheck.runtime.report.taking import frames_to_show, hidden_lines, visible
from breakcheck.runtime.report_data import FREE, VERDICTS, Report, Status

WORDS = {
    Status.PASS: "pass",
    Status.FAIL: "FAIL",
    Status.INCONCLUSIVE: "inconclusive",
    Status.NOT_CHECKED: "not checked",
}
Data = Mapping[str, Any]


def full(report: Report) -> str:
    """The report of one target."""
    parts = [_title(report)]
    if report.verdicts:
        rows = [(WORDS[v.status], VERDICTS.get(name, name), v.summary) for name, v in report.verdicts.items()]
        parts.append(_indented(tabulate(rows, tablefmt="plain", maxcolwidths=[None, None, 88]), "  "))
    places = list(_places(report))
    if places:
        parts.append("\n".join(places))
    parts += _lint(report)
    if report.explain:
        parts.append(_explain(report.explain))
    parts += [f"note: {note}" for note in report.notes]
    if report.failure is not None:
        parts.append(failure_line(report))
    return visible("\n\n".join(parts))


def failure_line(report: Report) -> str:
    """One line that says why a target could not be checked."""
    assert report.failure is not None
    failure = report.failure
    where = f" at {failure.file}:{failure.line}" if failure.file else ""
    stage = f" (stage {failure.stage})" if failure.stage and failure.kind != "target" else ""
    text = " ".join(failure.message.split())
    if not text.startswith(report.target):
        text = f"{report.target}: {text}"
    return visible(f"{text}{where}{stage}")


def overview(reports: Sequence[Report]) -> str:
    """One row a target, one column a verdict; "" for fewer than three targets, whose reports say it all."""
    if len(reports) < 3:
        return ""
    shown = [name for name in VERDICTS if any(name in report.verdicts for report in reports)]
    rows = []
    for report in reports:
        words = [WORDS[report.verdicts[name].status] if name in report.verdicts else "" for name in shown]
        if report.failure is not None and not report.verdicts:
            words[:1] = ["not done"]
        rows.append([report.target, *words])
    return tabulate(rows, ["target", *(VERDICTS[name] for name in shown)]) + "\n"


def summary(reports: Sequence[Report], strict: bool = False) -> str:
    """One line over all targets, with how many verdicts were not checked."""
    codes = [report.exit_code(strict) for report in reports]
    words = []
    for code, one, many in (
        (1, "target fails", "targets fail"),
        (0, "passes", "pass"),
        (2, "not done", "not done"),
    ):
        number = codes.count(code)
        if number:
            words.append(f"{number} {one if number == 1 else many}")
    missing = sum(len(report.not_checked) for report in reports)
    unclear = sum(v.status is Status.INCONCLUSIVE for report in reports for v in report.verdicts.values())
    text = ", ".join(words) or "no target"
    text += f"; {missing} verdict{'' if missing == 1 else 's'} not checked"
    if unclear:
        text += f", {unclear} inconclusive"
    return text + "."


def _title(report: Report) -> str:
    environment = report.environment
    if not environment:
        return report.target
    facts = [f"torch {environment['torch']}"] if environment.get("torch") else []
    facts += [str(report.options[key]) for key in ("device",) if report.options.get(key)]
    facts += [str(environment["backend"])] if environment.get("backend") else []
    for key in ("mode", "dtype"):
        if report.options.get(key):
            facts.append(str(report.options[key]))
    facts += [f"{environment['ranks']} ranks"] if environment.get("ranks") else []
    return f"{report.target}  ({', '.join(facts)})" if facts else report.target


def _places(report: Report) -> Iterable[str]:
    blocks: list[tuple[str, int, str]] = []
    for site in report.sites:
        blocks.append((site["file"], site["line"], _break_block(site)))
    breaks = report.verdicts.get("graph_breaks") or report.verdicts.get("recompiles")
    for hit in breaks.evidence.get("limits", []) if breaks else []:
        head = _head(hit, "recompile limit")
        blocks.append(
            (
                hit["file"],
                hit["line"],
                f"{head}\n    {hit['reason']}: `{hit['function']}` runs eagerly from call {hit['call']} on",
            )
        )
    recompiles = report.verdicts.get("recompiles")
    for site in recompiles.evidence.get("sites", []) if recompiles else []:
        if site["measured"]:
            line = site["source_line"] or site["line"]
            block = f"{_head({**site, 'line': line}, 'recompile')}\n    call {site['call']}: {site['class']}: {site['guard']}"
            blocks.append((site["file"], line, block + _seen_by(site)))
    fallbacks = report.verdicts.get("fallbacks")
    for site in fallbacks.evidence.get("sites", []) if fallbacks else []:
        block = f"{_head(site, 'fallback')}\n    {site['source']}\n    = {site['op']} on complex numbers is called, not generated"
        blocks.append((site["file"], site["line"], block + _seen_by(site) + _fix(site)))
    syncs = report.verdicts.get("syncs")
    for site in syncs.evidence.get("sites", []) if syncs else []:
        block = f"{_head(site, 'sync')}\n    {site['source']}\n    = the host waits here, {_times(site['count'])} a call"
        blocks.append((site["file"], site["line"], block + _seen_by(site) + _fix(site)))
    blocks.sort(key=lambda block: (block[0], block[1]))
    return dict.fromkeys(text for _file, _line, text in blocks)


def _head(site: Data, what: str) -> str:
    rule = site.get("rule")
    candidates = site.get("rule_candidates") or []
    code = rule or "|".join(candidates[:4]) or "BC000"
    name = f" {site['rule_name']}" if site.get("rule_name") else ""
    place = f"{site['file'] or '?'}:{site['line']}"
    marks = [what]
    if site.get("gb_id"):
        marks.append(str(site["gb_id"]))
    if site.get("owner") not in (None, "user"):
        marks.append(f"in {site['owner']}")
    if site.get("status") in FREE:
        marks.append(str(site["status"]))
    return f"{place}: {code}{name} [{', '.join(marks)}]"


def _break_block(site: Data) -> str:
    kind = {"error": "error", "frame_skipped": "frame skipped"}.get(site["kind"], "graph break")
    reason = " ".join(str(site["reason"]).split())
    lines = [_head(site, kind), f"    {site['source']}", f"    = {reason[:300]}"]
    times = site.get("executions_per_call")
    if times is not None:
        seen = f", reported {_times(site['count'])}" if site["count"] > 1 else ""
        lines.append(f"    = executed {_times(times)} in one warm call{seen}")
    if site.get("hides"):
        lines.append(f"    = frame skipped: {hidden_lines(site)} were not analysed; fix this first")
    frames = [f for f in frames_to_show(site) if (f["file"], f["line"]) != (site["file"], site["line"])]
    if frames:
        lines.append("    = called from " + " > ".join(f"{f['file']}:{f['line']}" for f in frames[-3:]))
    if site.get("ranks"):
        lines.append(_seen_by(site).lstrip("\n"))
    waiver = site.get("waiver")
    if waiver:
        until = f" until {waiver['until']}" if waiver["until"] else ""
        held = f"waived{until}: {waiver['reason']}"
        lines.append(
            f"    = the waiver does not hold: {waiver['void']}" if waiver["void"] else f"    = {held}"
        )
    return "\n".join(lines) + _fix(site)


def _seen_by(site: Data) -> str:
    return "\n    = seen by " + ", ".join(site["ranks"]) if site.get("ranks") else ""


def _times(number: int) -> str:
    return f"{number} time" if number == 1 else f"{number} times"


def _fix(site: Data) -> str:
    text = f"\n    = help: {site['fix']}" if site.get("fix") else ""
    if site.get("linter"):
        text += f"\n    = the linter {site['linter']}"
    return text


def _lint(report: Report) -> list[str]:
    if report.lint is None:
        return []
    if not report.lint:
        return ["linter: no finding in the files this run reached"]
    rows = [
        (item["outcome"].replace("_", " "), f"{item['file']}:{item['line']}", item["code"], item["name"])
        for item in report.lint
    ]
    return ["linter against this run:\n" + _indented(tabulate(sorted(rows), tablefmt="plain"), "  ")]


def _explain(said: Data) -> str:
    if "error" in said:
        return f"torch._dynamo.explain raised {said['error']}"
    rows = [("graphs", said["graph_count"]), ("graph breaks (graphs minus one)", said["graph_break_count"])]
    rows += [("ops", said["op_count"]), ("guards", said["guards"])]
    text = tabulate(rows, tablefmt="plain")
    return f"torch._dynamo.explain:\n{_indented(text, '  ')}\n  {said['caution']}"


def _indented(text: str, by: str) -> str:
    return "\n".join(by + line for line in text.splitlines())

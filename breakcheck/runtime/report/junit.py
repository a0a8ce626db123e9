"""JUnit XML: a suite a target, a case a verdict, so that any CI shows which answer went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from breakcheck.runtime.report.taking import Reports, as_reports, rule_label, visible
from breakcheck.runtime.report_data import FREE, VERDICTS, Report, Status, Verdict


def render_junit(report: Reports, *, strict: bool = False) -> str:
    """The XML of one or several reports. strict: an inconclusive verdict fails instead of being skipped."""
    root = ElementTree.Element("testsuites", name="breakcheck check")
    for one in as_reports(report):
        root.append(_suite(one, strict))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(report: Report, strict: bool) -> ElementTree.Element:
    target = visible(report.target)
    cases = [_case(report, name, verdict, strict) for name, verdict in report.verdicts.items()]
    if report.failure is not None:
        case = ElementTree.Element("testcase", classname=target, name="check")
        message = f"{report.failure.kind}: {report.failure.message}"
        ElementTree.SubElement(case, "error", type=report.failure.kind, message=visible(message))
        cases.append(case)
    suite = ElementTree.Element(
        "testsuite",
        name=target,
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        errors=str(sum(case.find("error") is not None for case in cases)),
        skipped=str(sum(case.find("skipped") is not None for case in cases)),
        time=f"{sum(report.timings.values()):.3f}",
    )
    properties = ElementTree.SubElement(suite, "properties")
    for key, value in report.environment.items():
        ElementTree.SubElement(properties, "property", name=visible(key), value=visible(value))
    suite.extend(cases)
    return suite


def _case(report: Report, name: str, verdict: Verdict, strict: bool) -> ElementTree.Element:
    case = ElementTree.Element("testcase", classname=visible(report.target), name=VERDICTS.get(name, name))
    message = visible(verdict.summary)
    if verdict.status is Status.FAIL or (strict and verdict.status is Status.INCONCLUSIVE):
        failure = ElementTree.SubElement(case, "failure", type=name, message=message)
        failure.text = "\n".join([message, *(visible(line) for line in _lines(verdict.evidence))])
    elif verdict.status is not Status.PASS:
        ElementTree.SubElement(case, "skipped", message=f"{verdict.status.value}: {message}")
    else:
        ElementTree.SubElement(case, "system-out").text = message
    return case


def _lines(evidence: Mapping[str, Any]) -> list[str]:
    lines = []
    for key in ("sites", "limits"):
        for site in evidence.get(key, []):
            if site.get("status", "new") in FREE or site.get("measured") is False:
                continue
            line = site.get("source_line") or site.get("line")
            what = site.get("gb_id") or site.get("class") or site.get("op") or ""
            lines.append(
                f"{site.get('file') or '?'}:{line}: {rule_label(site)} {what} {site.get('source') or site.get('guard') or ''}".rstrip()
            )
    return lines

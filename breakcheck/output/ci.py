"""Formats that CI systems read: GitHub annotations, GitLab code quality, JUnit XML."""

from __future__ import annotations

import hashlib
import json
import re
from xml.etree import ElementTree

from breakcheck.finding import Finding, Severity
from breakcheck.result import LintResult

_GITHUB_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_GITLAB_LEVEL = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape_data(text).replace(":", "%3A").replace(",", "%2C")


def github(result: LintResult) -> str:
    """Workflow commands that annotate the lines of a pull request."""
    lines = []
    for finding in result.findings:
        place = finding.location
        properties = {
            "title": f"breakcheck {finding.code} ({finding.name})",
            "file": place.path,
            "line": place.line,
            "col": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        }
        text = ",".join(f"{key}={_escape_property(str(value))}" for key, value in properties.items())
        lines.append(f"::{_GITHUB_LEVEL[finding.severity]} {text}::{_escape_data(finding.message)}")
    for error in result.errors:
        place_text = f"file={_escape_property(error.path)},line={error.line}"
        lines.append(f"::error title=breakcheck,{place_text}::{_escape_data(error.message)}")
    return "\n".join(lines)


def _fingerprint(identity: tuple[str, ...], occurrence: int) -> str:
    return hashlib.sha256("\0".join([*identity, str(occurrence)]).encode()).hexdigest()


def _lasting(finding: Finding) -> str:
    """What a finding says without the lines that it names, which edits elsewhere move."""
    return re.sub(r"\bline \d+", "line", finding.claim)


def gitlab(result: LintResult) -> str:
    """A code-quality report; fingerprints hold no line numbers, so they survive edits elsewhere in the file."""
    seen: dict[tuple[str, str, str, str], int] = {}
    issues = []
    for finding in result.findings:
        key = (finding.code, finding.location.path, finding.symbol, _lasting(finding))
        seen[key] = seen.get(key, -1) + 1
        issues.append(
            {
                "description": finding.message,
                "check_name": finding.code,
                "fingerprint": _fingerprint(key, seen[key]),
                "severity": _GITLAB_LEVEL[finding.severity],
                "location": {
                    "path": finding.location.path,
                    "positions": {
                        "begin": {"line": finding.location.line, "column": finding.location.column},
                        "end": {"line": finding.location.end_line, "column": finding.location.end_column},
                    },
                },
            }
        )
    return json.dumps(issues, indent=1)


def _xml_text(text: str) -> str:
    """The text without the control characters XML 1.0 cannot hold."""
    return "".join(character for character in text if character in "\t\n\r" or ord(character) >= 32)


def junit(result: LintResult) -> str:
    """JUnit XML: one failing case a finding, one erring case a file that could not be read."""
    total = len(result.findings) + len(result.errors)
    suite = ElementTree.Element(
        "testsuite",
        name="breakcheck lint",
        tests=str(max(total, 1)),
        failures=str(len(result.findings)),
        errors=str(len(result.errors)),
    )
    for finding in result.findings:
        place = finding.location
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=_xml_text(place.path),
            name=_xml_text(f"{finding.code} {place.path}:{place.line}:{place.column}"),
            file=_xml_text(place.path),
            line=str(place.line),
        )
        failure = ElementTree.SubElement(
            case, "failure", message=_xml_text(finding.message), type=finding.code
        )
        failure.text = _xml_text("\n".join(filter(None, (finding.message, finding.suggestion, finding.url))))
    for error in result.errors:
        case = ElementTree.SubElement(
            suite, "testcase", classname=_xml_text(error.path), name=_xml_text(error.path)
        )
        ElementTree.SubElement(case, "error", message=_xml_text(error.message), type="unreadable")
    if not total:
        ElementTree.SubElement(suite, "testcase", classname="breakcheck", name="lint")
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)

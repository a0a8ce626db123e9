"""Formats for programs: JSON by the published contract, JSON lines, SARIF 2.1.0."""

from __future__ import annotations

import json
from typing import Any

from breakcheck._version import __version__
from breakcheck.finding import Finding, Fix, Severity
from breakcheck.registry import load_rules
from breakcheck.result import LintResult

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SARIF_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def finding_dict(finding: Finding) -> dict[str, Any]:
    """A finding as the JSON contract has it: 1-based lines and columns, exclusive ends."""
    place = finding.location
    return {
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "symbol": finding.symbol,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "gb_ids": list(finding.gb_ids),
        "effects": [effect.value for effect in finding.effects],
        "versions": finding.versions,
        "call_path": list(finding.call_path),
        "notes": [{"path": note.path, "line": note.line, "message": note.message} for note in finding.notes],
        "suggestion": finding.suggestion,
        "behind": finding.behind,
        "fix": _fix_dict(finding.fix),
        "url": finding.url,
    }


def _fix_dict(fix: Fix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    edits = [
        {
            "line": edit.line,
            "column": edit.column,
            "end_line": edit.end_line,
            "end_column": edit.end_column,
            "content": edit.content,
        }
        for edit in fix.edits
    ]
    return {"applicability": fix.applicability.value, "message": fix.message, "edits": edits}


def json_text(result: LintResult) -> str:
    """One JSON document: version, target_torch, files, findings, errors."""
    document = {
        "version": 1,
        "target_torch": result.target_torch,
        "files": result.files,
        "findings": [finding_dict(finding) for finding in result.findings],
        "errors": [{"path": e.path, "line": e.line, "message": e.message} for e in result.errors],
        "suppressed": result.suppressed,
        "known": result.known,
        "unused_baseline": result.unused_baseline,
    }
    return json.dumps(document, indent=1)


def json_lines(result: LintResult) -> str:
    """One JSON object a finding, a line each."""
    return "\n".join(json.dumps(finding_dict(finding)) for finding in result.findings)


def sarif(result: LintResult) -> str:
    """SARIF 2.1.0, with Dynamo's graph-break ids as a taxonomy and the call path as a code flow."""
    rules = [loaded.rule for loaded in load_rules()]
    used = {finding.code for finding in result.findings}
    index = {rule.code: position for position, rule in enumerate(r for r in rules if r.code in used)}
    gb_ids = sorted({gb_id for rule in rules if rule.code in used for gb_id in rule.gb_ids})
    driver = {
        "name": "breakcheck",
        "semanticVersion": __version__,
        "informationUri": "https://github.com/breakcheck/breakcheck",
        "rules": [
            {
                "id": rule.code,
                "name": rule.name,
                "shortDescription": {"text": rule.summary},
                "defaultConfiguration": {"level": _SARIF_LEVEL[rule.severity]},
                "relationships": [
                    {
                        "target": {"id": gb_id, "toolComponent": {"name": "dynamo-graph-breaks"}},
                        "kinds": ["relevant"],
                    }
                    for gb_id in rule.gb_ids
                ],
            }
            for rule in rules
            if rule.code in used
        ],
    }
    taxonomy = {
        "name": "dynamo-graph-breaks",
        "organization": "PyTorch",
        "shortDescription": {"text": "The ids of torch/_dynamo/graph_break_registry.json"},
        "taxa": [{"id": gb_id} for gb_id in gb_ids],
    }
    run = {
        "tool": {"driver": driver},
        "taxonomies": [taxonomy],
        "results": [_sarif_result(finding, index.get(finding.code, -1)) for finding in result.findings],
        "invocations": [
            {
                "executionSuccessful": not result.errors,
                "toolExecutionNotifications": [
                    {
                        "level": "error",
                        "message": {"text": e.message},
                        "locations": [_sarif_place(e.path, e.line)],
                    }
                    for e in result.errors
                ],
            }
        ],
        "columnKind": "unicodeCodePoints",
    }
    return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1)


def _sarif_place(path: str, line: int, message: str = "") -> dict[str, Any]:
    place: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": path.replace("\\", "/")},
            "region": {"startLine": max(line, 1)},
        }
    }
    if message:
        place["message"] = {"text": message}
    return place


def _sarif_result(finding: Finding, rule_index: int) -> dict[str, Any]:
    place = finding.location
    location = _sarif_place(place.path, place.line)
    location["physicalLocation"]["region"].update(
        startColumn=place.column, endLine=place.end_line, endColumn=place.end_column
    )
    location["logicalLocations"] = [{"fullyQualifiedName": finding.symbol}]
    out: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": _SARIF_LEVEL[finding.severity],
        "message": {"text": finding.message},
        "locations": [location],
        "taxa": [{"id": gb_id, "toolComponent": {"name": "dynamo-graph-breaks"}} for gb_id in finding.gb_ids],
        "properties": {"confidence": finding.confidence.value, "effects": [e.value for e in finding.effects]},
    }
    if finding.notes:
        out["relatedLocations"] = [
            {"id": number, **_sarif_place(note.path or place.path, note.line, note.message)}
            for number, note in enumerate(finding.notes, start=1)
        ]
    if len(finding.call_path) > 1:
        steps = [{"location": {"logicalLocations": [{"fullyQualifiedName": s}]}} for s in finding.call_path]
        out["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if finding.fix is not None:
        replacements = [
            {
                "deletedRegion": {
                    "startLine": edit.line,
                    "startColumn": edit.column,
                    "endLine": edit.end_line,
                    "endColumn": edit.end_column,
                },
                "insertedContent": {"text": edit.content},
            }
            for edit in finding.fix.edits
        ]
        change = {"artifactLocation": {"uri": place.path.replace("\\", "/")}, "replacements": replacements}
        out["fixes"] = [{"description": {"text": finding.fix.message}, "artifactChanges": [change]}]
    return out

"""Each output format, from one result to its text."""

from __future__ import annotations

import json
from dataclasses import replace
from xml.etree import ElementTree

from breakcheck.finding import (
    Applicability,
    Confidence,
    Edit,
    Effect,
    Finding,
    Fix,
    Location,
    Note,
    Severity,
)
from breakcheck.output import FORMATS
from breakcheck.result import FileError, LintResult

HOSTILE = 'branch on `<b>&"x"` \x07 | 100%'


def result() -> LintResult:
    fix = Fix(Applicability.SAFE, "Drop it", (Edit(3, 5, 3, 9, "y"),))
    findings = (
        Finding(
            "BC101", "tensor-item", "reads a value", Location("a.py", 3, 5, 3, 9), "a:M.forward",
            Severity.ERROR, Confidence.CERTAIN, (Effect.GRAPH_BREAK, Effect.SYNC), ("GB0124",), ">=2.1",
            ("a:M.forward", "a:helper"), (Note("a.py", 2, "parameter annotated Tensor"),), "keep it a tensor", fix,
            "https://example.org/tensor-item",
        ),
        Finding(
            "BC103", "tensor-branch", HOSTILE, Location("b,c:d.py", 1, 1, 2, 4), "b:f",
            Severity.WARNING, Confidence.LIKELY, (Effect.GRAPH_BREAK,),
        ),
    )  # fmt: skip
    sources = {"a.py": "import torch\ndef f(x):\n    x.item()\n"}
    return LintResult(
        findings, (FileError("z.py", 7, "invalid syntax"),), 3, "2.13", "--target-torch", sources=sources
    )


def test_json_follows_the_contract() -> None:
    document = json.loads(FORMATS["json"](result()))
    assert {key: document[key] for key in ("version", "target_torch", "files")} == {
        "version": 1,
        "target_torch": "2.13",
        "files": 3,
    }
    assert document["errors"] == [{"path": "z.py", "line": 7, "message": "invalid syntax"}]
    first = document["findings"][0]
    assert {
        "code", "name", "message", "path", "line", "column", "end_line", "end_column", "symbol", "severity",
        "confidence", "gb_ids", "effects", "versions", "call_path", "fix", "url",
    } <= set(first)  # fmt: skip
    assert first["fix"] == {
        "applicability": "safe",
        "message": "Drop it",
        "edits": [{"line": 3, "column": 5, "end_line": 3, "end_column": 9, "content": "y"}],
    }
    assert document["findings"][1]["fix"] is None


def test_json_lines_is_a_finding_a_line() -> None:
    lines = FORMATS["json-lines"](result()).splitlines()
    assert [json.loads(line)["code"] for line in lines] == ["BC101", "BC103"]


def test_concise_is_a_line_a_finding_with_a_star_for_a_safe_fix() -> None:
    lines = FORMATS["concise"](result()).splitlines()
    assert lines[0] == "a.py:3:5: BC101 [*] reads a value"
    assert lines[1].startswith("b,c:d.py:1:1: BC103 branch on")


def test_full_points_at_the_source_and_says_why() -> None:
    text = FORMATS["full"](result())
    assert "3 |     x.item()\n  |     ^^^^" in text
    assert "= note: a.py:2: parameter annotated Tensor" in text
    assert "= note: reached by a:M.forward -> a:helper" in text
    assert "= help: keep it a tensor" in text


def test_github_annotations_escape_what_would_end_them() -> None:
    lines = FORMATS["github"](result()).splitlines()
    assert lines[0] == (
        "::error title=breakcheck BC101 (tensor-item),file=a.py,line=3,col=5,endLine=3,endColumn=9::reads a value"
    )
    assert "file=b%2Cc%3Ad.py" in lines[1]
    assert lines[1].endswith("100%25")
    assert lines[2] == "::error title=breakcheck,file=z.py,line=7::invalid syntax"


def test_gitlab_fingerprints_are_distinct_and_hold_no_line() -> None:
    issues = json.loads(FORMATS["gitlab"](result()))
    assert len({issue["fingerprint"] for issue in issues}) == 2
    assert issues[0]["location"]["positions"]["begin"] == {"line": 3, "column": 5}
    first = result().findings[0]
    moved = [
        replace(first, claim="ends; inside the `for` of line 3 the frame runs eagerly"),
        replace(first, claim="ends; inside the `for` of line 4 the frame runs eagerly"),
        replace(first, claim="ends; inside the `for` of line 4 the frame runs eagerly", behind=2),
    ]
    told = {
        json.loads(FORMATS["gitlab"](replace(result(), findings=(each,))))[0]["fingerprint"] for each in moved
    }
    assert len(told) == 1


def test_junit_survives_characters_that_xml_cannot_hold() -> None:
    root = ElementTree.fromstring(FORMATS["junit"](result()))
    suite = root.find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "2", "1")
    failure = suite.findall("testcase/failure")[1]
    assert failure.get("message") == HOSTILE.replace("\x07", "")


def test_junit_of_a_clean_run_is_one_passing_case() -> None:
    root = ElementTree.fromstring(FORMATS["junit"](LintResult((), files=1)))
    assert [case.get("name") for case in root.iter("testcase")] == ["lint"]


def test_sarif_names_the_taxonomy_the_flow_and_the_fix() -> None:
    document = json.loads(FORMATS["sarif"](result()))
    run = document["runs"][0]
    assert document["version"] == "2.1.0"
    assert run["taxonomies"][0]["name"] == "dynamo-graph-breaks"
    first = run["results"][0]
    rules = run["tool"]["driver"]["rules"]
    assert rules[first["ruleIndex"]]["id"] == "BC101"
    assert first["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 9,
    }  # fmt: skip
    assert len(first["codeFlows"][0]["threadFlows"][0]["locations"]) == 2
    assert first["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"] == {"text": "y"}
    assert not run["invocations"][0]["executionSuccessful"]


def test_markdown_cells_cannot_break_the_table() -> None:
    text = FORMATS["markdown"](result())
    (row,) = [line for line in text.splitlines() if "BC103" in line]
    assert row.count("|") - row.count("\\|") == 5

"""Markdown, GitHub annotations and JUnit XML of a check."""

from __future__ import annotations

import copy
from typing import Any
from xml.etree import ElementTree

from breakcheck.runtime.report import render_github, render_junit, render_markdown
from breakcheck.runtime.report.markdown import code, escaped


def clean(hostile: dict[str, Any]) -> dict[str, Any]:
    verdicts = {
        "graph_breaks": {"status": "pass", "summary": "none; 1 graph, 9 ops", "sites": []},
        "syncs": {"status": "not_checked", "summary": "a CPU has no device to wait for"},
        "latency": {"status": "inconclusive", "summary": "the machine was noisy"},
    }
    return {**hostile, "target": "clean", "verdicts": verdicts, "notes": [], "baseline": {}, "lint": None}


def test_markdown_of_a_clean_target_is_its_table(hostile: dict[str, Any]) -> None:
    assert render_markdown(clean(hostile)) == (
        "### breakcheck: `clean` passes\n\n"
        "torch 2.13.0, cpu\n\n"
        "| verdict      |              |                                 |\n"
        "|--------------|--------------|---------------------------------|\n"
        "| graph breaks | pass         | none; 1 graph, 9 ops            |\n"
        "| syncs        | not checked  | a CPU has no device to wait for |\n"
        "| latency      | inconclusive | the machine was noisy           |\n"
    )


def test_markdown_lists_every_new_place_and_no_other(hostile: dict[str, Any]) -> None:
    text = render_markdown(hostile)
    for line in (7, 9, 5, 10):
        assert f"`hostile.py:{line}`" in text
    assert "`hostile.py:6`" not in text  # torch's own
    assert text.count("compiled again in call 2: size of") == 2
    assert "call 0" not in text  # warm-up
    assert "frame skipped, fix first" in text
    assert "Baseline: 2 new, 1 known, 1 fixed; the baseline can shrink." in text


def test_markdown_shows_hostile_text_and_keeps_its_tables(hostile: dict[str, Any]) -> None:
    text = render_markdown(hostile)
    outside = "".join(part for index, part in enumerate(text.split("`")) if index % 2 == 0)
    assert "<script" not in outside.replace("\\<", "")
    assert "\u202e" not in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    counts = {line.replace("\\|", "").count("|") for line in rows}
    assert counts == {4, 5}  # three columns of verdicts, four of places


def test_markdown_escapes_what_formats_links_or_mentions() -> None:
    assert escaped("*a* [x](http://e.x) @team #1 <b> `c` | d") == (
        "\\*a\\* \\[x\\](http:\u200b//e.x) @\u200bteam \\#1 \\<b\\> \\`c\\` \\| d"
    )
    assert code("a `b` | c") == "``a `b` \\| c``"
    assert code("`b`") == "`` `b` ``"


def test_markdown_says_what_changed_since_an_earlier_report(hostile: dict[str, Any]) -> None:
    earlier = copy.deepcopy(hostile)
    earlier["verdicts"]["fallbacks"]["sites"] = []
    text = render_markdown(hostile, baseline=earlier)
    assert "since the baseline" in text
    assert "0 → 1" in text


def test_github_annotates_each_new_place_once(hostile: dict[str, Any]) -> None:
    lines = render_github(hostile).splitlines()
    assert len([line for line in lines if line.startswith("::error file=hostile.py,line=7,")]) == 1
    assert not [line for line in lines if "line=6," in line]  # torch's own
    assert all(line.startswith(("::error ", "::warning ")) for line in lines)
    assert all(line.split(" ", 1)[1].split("::", 1)[0].count("::") == 0 for line in lines)
    assert any("lines 5-10 were not analysed; fix this first" in line for line in lines)
    assert any("%25" in line for line in lines)


def test_github_says_a_failure_without_a_place_and_nothing_of_a_clean_target(hostile: dict[str, Any]) -> None:
    failed = {**clean(hostile), "verdicts": {"parity": {"status": "fail", "summary": "2 % off\nin call 1"}}}
    assert render_github(failed) == "::error title=breakcheck parity::clean: 2 %25 off in call 1"
    assert render_github(clean(hostile)) == ""


def test_github_names_a_crash_at_its_line() -> None:
    failure = {"kind": "crash", "message": "SIGSEGV", "stage": "compile", "file": "a,b.py", "line": 7}
    text = render_github({"target": "t", "verdicts": {}, "failure": failure})
    assert text == "::error file=a%2Cb.py,line=7,title=breakcheck%3A t::crash: SIGSEGV"


def test_junit_has_a_suite_a_target_and_a_case_a_verdict(hostile: dict[str, Any]) -> None:
    root = ElementTree.fromstring(render_junit([hostile, clean(hostile)]))
    first, second = root.findall("testsuite")
    assert (first.get("tests"), first.get("failures"), first.get("skipped")) == ("6", "4", "1")
    assert (second.get("name"), second.get("failures"), second.get("skipped")) == ("clean", "0", "2")
    failure = first.find("testcase[@name='graph breaks']/failure")
    assert failure is not None
    assert "hostile.py:7: BC101 or BC301 GB0059" in (failure.text or "")
    assert "hostile.py:6" not in (failure.text or "")


def test_junit_fails_the_inconclusive_under_strict_and_errs_on_a_crash(hostile: dict[str, Any]) -> None:
    strict = ElementTree.fromstring(render_junit(clean(hostile), strict=True))
    assert [suite.get("failures") for suite in strict] == ["1"]
    failure = {"kind": "timeout", "message": "600 s", "stage": "compile", "file": "", "line": 0}
    crashed = ElementTree.fromstring(render_junit({**clean(hostile), "failure": failure}))
    assert [suite.get("errors") for suite in crashed] == ["1"]


def test_junit_is_xml_whatever_the_text_holds(hostile: dict[str, Any]) -> None:
    hostile["verdicts"]["parity"]["summary"] = "bad \x00 \x1b[31m \ud800 ]]>"
    root = ElementTree.fromstring(render_junit(hostile))
    failure = root.find(".//testcase[@name='parity']/failure")
    assert failure is not None
    assert failure.get("message") == "bad <U+0000> <U+001B>[31m <U+D800> ]]>"

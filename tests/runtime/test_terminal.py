"""The terminal report names each place with its rule, and many targets at a glance."""

from __future__ import annotations

from typing import Any

from breakcheck.runtime import gate
from breakcheck.runtime.report_data import Failure, Report, Status, Verdict
from breakcheck.runtime.terminal import failure_line, full, overview, summary


def site(**more: Any) -> dict[str, Any]:
    data = {
        "gb_id": "GB0059", "gb_type": "print", "rule": "BC301", "rule_name": "print-call", "rule_candidates": ["BC301"],
        "file": "m.py", "line": 4, "function": "f", "source": "print(x)", "reason": "cannot trace print", "hints": [],
        "kind": "partial", "owner": "user", "status": "new", "count": 3, "executions_per_call": 2, "hides": None,
        "torch_location": "", "user_stack": [], "call": 0, "fix": "drop it", "linter": "saw it", "waiver": None,
    }  # fmt: skip
    return data | more


def report(*sites: dict[str, Any]) -> Report:
    evidence = {"sites": list(sites), "graphs": 2, "ops": 9, "limits": [], "executed_per_call": 2}
    return Report("m.py:f", {"graph_breaks": gate.graph_breaks(evidence)}, environment={"torch": "2.13.0"})


def test_place_rule_reason_and_count_are_said() -> None:
    text = full(report(site()))
    assert "m.py:4: BC301 print-call [graph break, GB0059]" in text
    assert "executed 2 times in one warm call, reported 3 times" in text
    assert "= help: drop it" in text


def test_site_of_no_single_rule_lists_the_candidates_and_unknown_is_bc000() -> None:
    several = full(report(site(rule=None, rule_name="", rule_candidates=["BC101", "BC104"])))
    assert "m.py:4: BC101|BC104 [" in several
    assert "m.py:4: BC000 [" in full(report(site(rule=None, rule_name="", rule_candidates=[])))


def test_skipped_frame_says_which_lines_were_not_analysed() -> None:
    elsewhere = site(kind="frame_skipped", hides=[4, 6], hides_file="n.py", hides_function="Block.forward")
    assert "lines 4-6 of `Block.forward` in n.py were not analysed" in full(report(elsewhere))
    text = full(report(site(kind="frame_skipped", hides=[2, 9])))
    assert "frame skipped: lines 2-9 were not analysed; fix this first" in text


def test_failure_is_one_line_naming_target_place_and_stage() -> None:
    failed = Report("m.py:f", failure=Failure("crash", "ended by\nSIGSEGV", "compile", "m.py", 7))
    assert failure_line(failed) == "m.py:f: ended by SIGSEGV at m.py:7 (stage compile)"


def test_characters_that_act_on_a_terminal_are_written_out() -> None:
    text = full(report(site(source="x = '\x1b[2J\u202e'", executions_per_call=1)))
    assert "<U+001B>[2J<U+202E>" in text
    assert "executed 1 time in" in text
    failed = Report("m.py:f", failure=Failure("crash", "bad \x1b[31m", "compile"))
    assert "\x1b" not in failure_line(failed)


def test_overview_has_a_row_a_target_and_the_summary_counts_what_was_not_checked() -> None:
    unchecked = Report("b", {"syncs": Verdict(Status.NOT_CHECKED, "no device")})
    broken = Report("c", failure=Failure("target", "no such file"))
    reports = [report(site()), unchecked, broken]
    table = overview(reports)
    assert [line.split()[0] for line in table.splitlines()[2:]] == ["m.py:f", "b", "c"]
    assert "not done" in table
    assert summary(reports) == "1 target fails, 1 passes, 1 not done; 1 verdict not checked."
    assert overview(reports[:2]) == ""

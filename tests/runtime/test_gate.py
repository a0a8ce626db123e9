"""Verdicts out of evidence: what passes, what fails, and what is said about it."""

from __future__ import annotations

from typing import Any

import pytest

from breakcheck.runtime import gate
from breakcheck.runtime.report_data import Report, Status, Verdict

PASS, FAIL = Status.PASS, Status.FAIL


def site(kind: str = "partial", status: str = "new") -> dict[str, Any]:
    return {"kind": kind, "status": status, "gb_type": "print"}


def breaks(*sites: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {
        "sites": list(sites),
        "graphs": 1,
        "ops": 5,
        "limits": [],
        "executed_per_call": len(sites),
        **rest,
    }


def test_no_break_and_a_graph_pass() -> None:
    assert gate.graph_breaks(breaks()).status is PASS


@pytest.mark.parametrize("status", ["allowed", "baseline", "waived"])
def test_break_that_is_let_pass_is_told_but_does_not_fail(status: str) -> None:
    verdict = gate.graph_breaks(breaks(site(status=status)))
    assert verdict.status is PASS
    assert verdict.summary


def test_break_fails_and_more_than_allowed_fail() -> None:
    assert gate.graph_breaks(breaks(site())).status is FAIL
    assert gate.graph_breaks(breaks(site()), max_breaks=1).status is PASS
    assert gate.graph_breaks(breaks(site(), site()), max_breaks=1).status is FAIL


def test_skipped_frame_fails_whatever_the_number_allowed() -> None:
    assert gate.graph_breaks(breaks(site("frame_skipped")), max_breaks=9).status is FAIL


def test_nothing_compiled_is_a_failure() -> None:
    verdict = gate.graph_breaks(breaks(graphs=0, ops=0))
    assert verdict.status is FAIL
    assert "nothing was compiled" in verdict.summary
    assert gate.graph_breaks(breaks(disabled_by="TORCH_COMPILE_DISABLE=1")).status is FAIL


def test_recompile_limit_fails_without_any_break() -> None:
    assert gate.graph_breaks(breaks(limits=[{"file": "m.py"}])).status is FAIL


def again(call: int, frame: str = "0/1", cause: str = "size") -> dict[str, Any]:
    return {"class": cause, "measured": call >= 2, "frame": frame, "subject": "x", "guard": "g", "call": call}


def recompiled(*sites: dict[str, Any], limits: tuple[Any, ...] = ()) -> Verdict:
    return gate.recompiles(
        {"sites": list(sites), "limits": list(limits), "calls": 4, "warmup": 2, "compiled": True}
    )


def test_one_recompile_a_frame_in_warm_up_passes() -> None:
    assert recompiled(again(1), again(1, "1/1")).status is PASS


def test_second_one_in_warm_up_one_in_a_measured_call_or_the_limit_fail() -> None:
    assert recompiled(again(1), again(1, "0/2")).status is FAIL
    assert recompiled(again(2)).status is FAIL
    assert recompiled(limits=({"file": "m.py"},)).status is FAIL


def test_fallbacks_are_not_checked_without_inductor() -> None:
    assert gate.fallbacks({"backend": "eager", "sites": [], "graphs": 1}).status is Status.NOT_CHECKED
    assert gate.fallbacks({"backend": "inductor", "sites": [], "graphs": 1}).status is PASS


def test_report_survives_json_and_counts_what_was_not_checked() -> None:
    report = Report(
        "m.py:f",
        {
            "graph_breaks": gate.graph_breaks(breaks(site())),
            "syncs": Verdict(Status.NOT_CHECKED, "no device"),
        },
        graphs=({"id": "0/0"},),
    )
    assert Report.from_dict(report.to_dict()).to_dict() == report.to_dict()
    assert report.not_checked == ("syncs",)
    assert report.exit_code() == 1

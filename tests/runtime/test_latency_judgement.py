"""A latency budget fails only when two measurements in a row exceed it, and says when the machine was too noisy."""

from __future__ import annotations

import itertools

import pytest

from breakcheck.errors import BreakcheckError
from breakcheck.runtime.latency import Measurement, judge, judge_once, measure, spread_of
from breakcheck.runtime.report_data import Status
from breakcheck.runtime.scenario import parse_budget

CALM = (1.0,) * 8


def took(*ratios: float, noisy: bool = False) -> itertools.cycle[Measurement]:
    spread = (1.0, 1.0, 1.0, 2.5, 2.5, 3.0, 3.0, 3.0) if noisy else CALM
    return itertools.cycle([Measurement(CALM, tuple(r * s for s in spread)) for r in ratios])


def test_within_the_budget_passes_at_once() -> None:
    result = judge(took(0.8).__next__, parse_budget("r<=1.0"))
    assert (result.status, len(result.measurements)) == (Status.PASS, 1)


def test_two_in_a_row_over_the_budget_fail() -> None:
    result = judge(took(1.3).__next__, parse_budget("r<=1.1"))
    assert (result.status, len(result.measurements)) == (Status.FAIL, 2)


def test_one_outlier_does_not_fail() -> None:
    assert judge(took(1.3, 1.0).__next__, parse_budget("r<=1.1")).status is Status.PASS


def test_noise_near_the_budget_is_inconclusive_and_far_from_it_is_not() -> None:
    assert judge_once(1.05, 2.0, 1.0) is Status.INCONCLUSIVE
    assert judge_once(1.05, 1.1, 1.0) is Status.FAIL
    assert judge_once(1.3, 2.0, 1.0) is Status.FAIL
    assert judge(took(1.05, noisy=True).__next__, parse_budget("r<=1.0")).status is Status.INCONCLUSIVE


def test_spread_is_upper_over_lower_quartile() -> None:
    assert spread_of([1.0] * 10) == 1.0
    assert spread_of([1, 1, 1, 2, 2, 2, 4, 4]) > 1.5


def test_pairs_are_interleaved_in_random_order() -> None:
    order: list[str] = []
    result = measure(lambda: order.append("e"), lambda: order.append("c"), seconds=0.0)
    pairs = ["".join(order[i : i + 2]) for i in range(0, len(order), 2)]
    assert set(pairs) == {"ec", "ce"}
    assert len(result.eager_ms) == len(result.compiled_ms) >= 12


@pytest.mark.parametrize("text", ["fast", "r<=0", "ms<=5", "r>1", ""])
def test_unreadable_budget_is_refused(text: str) -> None:
    with pytest.raises(BreakcheckError, match="budget"):
        parse_budget(text)


def test_budget_forms() -> None:
    assert str(parse_budget("r <= 0.9")) == "r<=0.9"
    assert parse_budget("ms<=5@h100").machine == "h100"
    assert parse_budget("limit<=2").kind == "limit"

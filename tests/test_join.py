"""Which rule a break of a run is given when several rules share its GB id."""

from __future__ import annotations

import pytest

from breakcheck.join import RuleTable

UNTRACED_METHOD = "GB0156"


@pytest.mark.parametrize(
    ("source", "reason", "wanted"),
    [
        ("work.wait()", "Dynamo does not know how to trace method `wait` of class `Work`", "BC501"),
        ("barrier.wait()", "Dynamo does not know how to trace method `wait` of class `Barrier`", None),
        ("rng.normal()", "Dynamo does not know how to trace method `normal` of class `Generator`", "BC309"),
        ("lock.acquire()", "Dynamo does not know how to trace method `acquire` of class `lock`", "BC402"),
    ],
)
def test_a_method_belongs_to_the_rule_that_names_its_class(
    source: str, reason: str, wanted: str | None
) -> None:
    code, candidates = RuleTable().of_site("break", UNTRACED_METHOD, (), source, reason)
    assert code == wanted
    assert {"BC501", "BC319"} <= set(candidates)


def test_a_function_belongs_to_the_rule_that_names_it() -> None:
    code, _ = RuleTable().of_site("break", "GB0007", (), "torch.jit.wait(future)", "")
    assert code == "BC319"

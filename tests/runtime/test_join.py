"""What the join says of a rule."""

from __future__ import annotations

from pathlib import Path

from breakcheck.join import RuleTable, label_sites


def test_site_that_the_linter_missed_gets_the_advice_of_its_rule_not_what_is_wrong(tmp_path: Path) -> None:
    site = {"file": "m.py", "line": 3, "gb_id": "GB0059", "source": "print('a')"}
    label_sites([site], "break", RuleTable(), (), tmp_path)
    assert site["rule"] == "BC301"
    assert site["linter"] == "missed it"
    assert (
        site["fix"] == "Print outside the compiled region, or only when `not torch.compiler.is_compiling()`"
    )

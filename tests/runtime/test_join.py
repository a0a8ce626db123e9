"""What the join says of a rule."""

from __future__ import annotations

from pathlib import Path

from breakcheck.join import RuleTable, Static, label_sites


def test_site_that_the_linter_missed_gets_the_advice_of_its_rule_not_what_is_wrong(tmp_path: Path) -> None:
    site = {"file": "m.py", "line": 3, "gb_id": "GB0059", "source": "print('a')"}
    label_sites([site], "break", RuleTable(), (), tmp_path)
    assert site["rule"] == "BC301"
    assert site["linter"] == "missed it"
    assert (
        site["fix"] == "Print outside the compiled region, or only when `not torch.compiler.is_compiling()`"
    )


def test_recompile_limit_belongs_to_the_finding_inside_its_function(tmp_path: Path) -> None:
    source = tmp_path / "m.py"
    source.write_text("def forward(self, x):\n    y = x + 1\n    self.step += 1\n    return y\n")
    finding = Static("BC601", "int-attribute", str(source), 3, 3, ("recompile-limit",), "use a buffer")
    hit = {"file": "m.py", "line": 1, "function": "forward"}
    label_sites([hit], "limit", RuleTable(), (finding,), tmp_path)
    assert (hit["rule"], hit["linter"], hit["fix"]) == ("BC601", "saw it", "use a buffer")

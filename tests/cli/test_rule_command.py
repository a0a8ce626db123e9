"""`breakcheck rule` explains a rule, or says that there is none."""

from __future__ import annotations

import json

import pytest

from breakcheck.cli import run


def test_a_rule_is_explained_with_both_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", "BC101"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("BC101 tensor-item: ")
    assert "## Example" in out
    assert "## Use instead" in out


def test_a_name_or_another_case_will_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", "tensor-item"]) == 0
    assert run(["rule", "bc101"]) == 0


def test_all_rules_are_listed_by_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", "--all", "--output-format", "json"]) == 0
    codes = [rule["code"] for rule in json.loads(capsys.readouterr().out)]
    assert codes == sorted(codes)
    assert "BC101" in codes


def test_an_unknown_rule_is_one_line_and_exit_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", "BC999"]) == 2
    assert (
        capsys.readouterr().err == "breakcheck: error: no rule 'BC999'; `breakcheck rule --all` lists them\n"
    )

"""Every built-in rule keeps the contract of `breakcheck.testing`: its examples are its tests."""

from __future__ import annotations

import pytest

from breakcheck.registry import LoadedRule, load_rules
from breakcheck.testing import check_rule

RULES = load_rules()


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: f"{loaded.rule.code}-{loaded.rule.name}")
def test_the_linter_reports_exactly_what_the_examples_expect(loaded: LoadedRule) -> None:
    assert check_rule(loaded, run=False) == []


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: f"{loaded.rule.code}-{loaded.rule.name}")
def test_the_compiler_shows_what_the_rule_claims(loaded: LoadedRule) -> None:
    pytest.importorskip("torch")
    assert check_rule(loaded, static=False) == []

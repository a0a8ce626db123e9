"""Every built-in rule keeps the contract of `breakcheck.testing`: its examples are its tests."""

from __future__ import annotations

import ast
from functools import partial

import pytest

from breakcheck.registry import LoadedRule, load_rules
from breakcheck.rule import Kind, Rule, Severity
from breakcheck.testing import check_rule

RULES = load_rules()


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: f"{loaded.rule.code}-{loaded.rule.name}")
def test_the_linter_reports_exactly_what_the_examples_expect(loaded: LoadedRule) -> None:
    assert check_rule(loaded, run=False) == []


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: f"{loaded.rule.code}-{loaded.rule.name}")
def test_the_compiler_shows_what_the_rule_claims(loaded: LoadedRule) -> None:
    pytest.importorskip("torch")
    assert check_rule(loaded, static=False) == []


@pytest.mark.parametrize("nodes", [(), (ast.If,), (ast.Name, ast.FunctionDef), (ast.expr,)])
def test_only_expressions_are_asked_for_by_the_kind_of_their_value(nodes: tuple[type[ast.AST], ...]) -> None:
    rule = partial(Rule, "XX1", "x", "x", Severity.INFO, (), "", calls=("torch.x",), kind=Kind.TENSOR)
    rule(nodes=(ast.Name, ast.Attribute))
    with pytest.raises(ValueError, match="XX1 asks by the kind of a value"):
        rule(nodes=nodes)


@pytest.mark.parametrize("nodes", [(), (ast.Name,), (ast.Attribute, ast.Name)])
def test_only_attributes_are_asked_for_by_their_name(nodes: tuple[type[ast.AST], ...]) -> None:
    rule = partial(Rule, "XX1", "x", "x", Severity.INFO, (), "", calls=("torch.x",), attributes=("data",))
    rule(nodes=(ast.Attribute,))
    with pytest.raises(ValueError, match="XX1 names attributes"):
        rule(nodes=nodes)
    with pytest.raises(ValueError, match="XX1 names attributes"):
        rule(nodes=(ast.Attribute,), kind=Kind.TENSOR)

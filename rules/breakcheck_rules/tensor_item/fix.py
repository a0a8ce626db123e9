from __future__ import annotations

import libcst as cst
from libcst import matchers as m

from breakcheck.finding import Applicability
from breakcheck.rule_fix import FixContext

TITLE = "Drop `.item()`"
APPLICABILITY = Applicability.UNSAFE

_ARITHMETIC = m.Add() | m.Subtract() | m.Multiply() | m.Divide() | m.FloorDivide() | m.Power() | m.Modulo()


def fix(node: cst.CSTNode, facts: FixContext) -> cst.CSTNode | None:
    """The tensor itself, where the number only takes part in arithmetic; else declined."""
    if not m.matches(node, m.Call(func=m.Attribute(attr=m.Name("item")), args=[])):
        return None
    tensor = cst.ensure_type(cst.ensure_type(node, cst.Call).func, cst.Attribute).value
    if _operand(node, facts):
        return tensor
    statement = facts.statement
    if not m.matches(
        statement, m.SimpleStatementLine([m.Assign([m.AssignTarget(m.Name())])])
    ) or node is not _assigned(statement):
        return None
    name = cst.ensure_type(
        cst.ensure_type(cst.ensure_type(statement, cst.SimpleStatementLine).body[0], cst.Assign)
        .targets[0]
        .target,
        cst.Name,
    )
    uses = [use for other in facts.block for use in m.findall(other, m.Name(name.value)) if use is not name]
    return tensor if uses and all(_operand(use, facts) for use in uses) else None


def _assigned(statement: cst.CSTNode) -> cst.CSTNode:
    line = cst.ensure_type(statement, cst.SimpleStatementLine)
    return cst.ensure_type(line.body[0], cst.Assign).value


def _operand(node: cst.CSTNode, facts: FixContext) -> bool:
    """Whether the expression is an operand of plain arithmetic."""
    return m.matches(facts.parent(node) or cst.Pass(), m.BinaryOperation(operator=_ARITHMETIC))

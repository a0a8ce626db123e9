from __future__ import annotations

import libcst as cst

from breakcheck.finding import Applicability
from breakcheck.rule_fix import FixContext, one_assignment, parts

TITLE = "Drop `.item()`"
APPLICABILITY = Applicability.UNSAFE

_ARITHMETIC = (*(cst.Add, cst.Subtract, cst.Multiply, cst.Divide, cst.FloorDivide, cst.Power, cst.Modulo),)


def fix(node: cst.CSTNode, facts: FixContext) -> cst.CSTNode | None:
    """The tensor itself, where the number only takes part in arithmetic; else declined."""
    if not isinstance(node, cst.Call) or node.args or not isinstance(node.func, cst.Attribute):
        return None
    if node.func.attr.value != "item":
        return None
    tensor = node.func.value
    if _operand(node, facts):
        return tensor
    name, value = one_assignment(facts.statement) or (None, None)
    if name is None or value is not node:
        return None
    uses = [
        part
        for other in facts.block
        for part in parts(other)
        if isinstance(part, cst.Name) and part.value == name.value and part is not name
    ]
    return tensor if uses and all(_operand(use, facts) for use in uses) else None


def _operand(node: cst.CSTNode, facts: FixContext) -> bool:
    """Whether the expression is an operand of plain arithmetic."""
    parent = facts.parent(node)
    return isinstance(parent, cst.BinaryOperation) and isinstance(parent.operator, _ARITHMETIC)

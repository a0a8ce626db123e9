from __future__ import annotations

import libcst as cst

from breakcheck.finding import Applicability
from breakcheck.rule_fix import FixContext

TITLE = "Check only when `not torch.compiler.is_compiling()`"
APPLICABILITY = Applicability.UNSAFE


def fix(node: cst.CSTNode, facts: FixContext) -> cst.CSTNode | None:
    """The guard with `not torch.compiler.is_compiling() and` before its condition; declined for an `elif`."""
    statement = facts.statement
    if not isinstance(statement, cst.If) or isinstance(facts.parent(statement), cst.If):
        return None
    facts.need_import("torch")
    compiling = cst.parse_expression("not torch.compiler.is_compiling()")
    test = statement.test
    if isinstance(test, (cst.IfExp, cst.Lambda, cst.NamedExpr)) or (
        isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.Or)
    ):
        test = test.with_changes(lpar=[cst.LeftParen(), *test.lpar], rpar=[*test.rpar, cst.RightParen()])
    guarded = cst.BooleanOperation(compiling, cst.And(), test)
    facts.replace_statement(statement.with_changes(test=guarded, leading_lines=[]))
    return node

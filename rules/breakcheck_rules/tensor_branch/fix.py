from __future__ import annotations

import libcst as cst

from breakcheck.finding import Applicability
from breakcheck.rule_fix import FixContext, one_assignment

TITLE = "Choose with `torch.where`"
APPLICABILITY = Applicability.UNSAFE


def fix(node: cst.CSTNode, facts: FixContext) -> cst.CSTNode | None:
    """`x = torch.where(test, a, b)` for an `if`/`else` that assigns one name on both sides; else declined."""
    statement = facts.statement
    if (
        not isinstance(statement, cst.If)
        or statement.test is not node
        or not isinstance(node, cst.BaseExpression)
    ):
        return None
    if not isinstance(statement.orelse, cst.Else):
        return None
    then, other = _assigned(statement.body), _assigned(statement.orelse.body)
    if then is None or other is None or not then[0].deep_equals(other[0]):
        return None
    facts.need_import("torch")
    chosen = cst.Call(
        cst.Attribute(cst.Name("torch"), cst.Name("where")),
        [cst.Arg(node), cst.Arg(then[1]), cst.Arg(other[1])],
    )
    facts.replace_statement(cst.SimpleStatementLine([cst.Assign([cst.AssignTarget(then[0])], chosen)]))
    return node


def _assigned(body: cst.BaseSuite) -> tuple[cst.Name, cst.BaseExpression] | None:
    """The name and value of a block that is one plain assignment without a comment to lose."""
    if not isinstance(body, cst.IndentedBlock) or len(body.body) != 1:
        return None
    line = body.body[0]
    assigned = one_assignment(line)
    if assigned is None or not isinstance(line, cst.SimpleStatementLine):
        return None
    if line.trailing_whitespace.comment or any(empty.comment for empty in line.leading_lines):
        return None
    value = assigned[1]
    if isinstance(value, (cst.SimpleString, cst.Tuple, cst.List, cst.Dict)):
        return None
    return None if isinstance(value, cst.Name) and value.value == "None" else assigned

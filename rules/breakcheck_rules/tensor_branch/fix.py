from __future__ import annotations

import libcst as cst
from libcst import matchers as m

from breakcheck.finding import Applicability
from breakcheck.rule_fix import FixContext

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
    if not m.matches(line, m.SimpleStatementLine([m.Assign([m.AssignTarget(m.Name())])])):
        return None
    assert isinstance(line, cst.SimpleStatementLine)
    if line.trailing_whitespace.comment or any(empty.comment for empty in line.leading_lines):
        return None
    assign = cst.ensure_type(line.body[0], cst.Assign)
    value = assign.value
    if isinstance(value, (cst.SimpleString, cst.Tuple, cst.List, cst.Dict)) or m.matches(
        value, m.Name("None")
    ):
        return None
    return cst.ensure_type(assign.targets[0].target, cst.Name), value

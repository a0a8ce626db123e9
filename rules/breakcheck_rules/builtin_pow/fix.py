from __future__ import annotations

import libcst as cst

from breakcheck.finding import Applicability
from breakcheck.rule_fix import FixContext

TITLE = "Write the operator"
APPLICABILITY = Applicability.SAFE


def fix(node: cst.CSTNode, facts: FixContext) -> cst.CSTNode | None:
    """`(a) ** (b)` for `pow(a, b)`; declined with names, stars, a modulus, and over several lines."""
    if not isinstance(node, cst.Call) or len(node.args) != 2:
        return None
    if any(argument.keyword is not None or argument.star for argument in node.args):
        return None
    written = [node.whitespace_before_args, *(argument.whitespace_after_arg for argument in node.args)]
    written += [each.comma.whitespace_after for each in node.args if isinstance(each.comma, cst.Comma)]
    if any(isinstance(each, cst.ParenthesizedWhitespace) for each in written):
        return None  # over several lines, and with comments perhaps
    base, power = (_in_parentheses(argument.value) for argument in node.args)
    close = cst.SimpleWhitespace("")
    made = cst.BinaryOperation(base, cst.Power(whitespace_before=close, whitespace_after=close), power)
    return made.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _in_parentheses(node: cst.BaseExpression) -> cst.BaseExpression:
    """An operand as it can stand beside `**`."""
    simple = isinstance(node, (cst.Name, cst.Attribute, cst.Call, cst.Integer, cst.Float)) or bool(node.lpar)
    return node if simple else node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])

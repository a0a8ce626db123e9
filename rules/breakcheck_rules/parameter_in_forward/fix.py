"""Use the plain tensor that a parameter is made from."""

import libcst as cst

from breakcheck.finding import Applicability
from breakcheck.rule_fix import FixContext

TITLE = "Use the plain tensor"
APPLICABILITY = Applicability.UNSAFE


def fix(node: cst.CSTNode, facts: FixContext) -> cst.CSTNode | None:
    """The first argument; declines where it is unpacked, missing, or stored on an object."""
    if not isinstance(node, cst.Call) or not node.args or node.args[0].star:
        return None
    first = node.args[0]
    if first.keyword is not None and first.keyword.value != "data":
        return None
    parent = facts.parent(node)
    if isinstance(parent, cst.Assign) and not all(
        isinstance(target.target, cst.Name) for target in parent.targets
    ):
        return None
    return first.value.with_changes(lpar=node.lpar, rpar=node.rpar) if node.lpar else first.value

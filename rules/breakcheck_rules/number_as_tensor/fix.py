"""Write `torch.tensor` for `torch.as_tensor` of a number."""

import libcst as cst

from breakcheck.finding import Applicability
from breakcheck.rule_fix import FixContext

TITLE = "Write `torch.tensor`"
APPLICABILITY = Applicability.SAFE


def fix(node: cst.CSTNode, facts: FixContext) -> cst.CSTNode | None:
    """The call with its function renamed; declines where torch goes by another name."""
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return None
    if not isinstance(node.func.value, cst.Name) or node.func.value.value != "torch":
        return None
    return node.with_changes(func=node.func.with_changes(attr=cst.Name("tensor")))

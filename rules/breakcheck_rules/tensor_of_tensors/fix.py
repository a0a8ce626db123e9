from __future__ import annotations

import libcst as cst

from breakcheck.finding import Applicability
from breakcheck.rule_fix import FixContext

TITLE = "Stack the tensors"
APPLICABILITY = Applicability.UNSAFE


def fix(node: cst.CSTNode, facts: FixContext) -> cst.CSTNode | None:
    """`torch.stack([a, b])`; declined with a type or device, and where a list holds numbers or lists."""
    if not isinstance(node, cst.Call) or len(node.args) != 1 or node.args[0].keyword is not None:
        return None
    given = node.args[0].value
    if not isinstance(given, (cst.List, cst.Tuple)) or not given.elements:
        return None
    plain = (cst.Name, cst.Call, cst.Subscript, cst.Attribute)
    if not all(isinstance(each, cst.Element) and isinstance(each.value, plain) for each in given.elements):
        return None
    if not isinstance(node.func, cst.Attribute) or node.func.attr.value not in ("as_tensor", "asarray"):
        return None
    facts.need_import("torch")
    return node.with_changes(func=cst.Attribute(cst.Name("torch"), cst.Name("stack")))

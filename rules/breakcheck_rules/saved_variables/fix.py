from __future__ import annotations

import libcst as cst

from breakcheck.finding import Applicability
from breakcheck.rule_fix import FixContext

TITLE = "Read `saved_tensors`"
APPLICABILITY = Applicability.SAFE


def fix(node: cst.CSTNode, facts: FixContext) -> cst.CSTNode | None:
    """`ctx.saved_tensors` for `ctx.saved_variables`."""
    return node.with_changes(attr=cst.Name("saved_tensors")) if isinstance(node, cst.Attribute) else None

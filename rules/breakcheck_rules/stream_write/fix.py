from __future__ import annotations

import libcst as cst

from breakcheck.finding import Applicability
from breakcheck.rule_fix import FixContext, only_when_eager

TITLE = "Write only when not compiling"
APPLICABILITY = Applicability.SAFE


def fix(node: cst.CSTNode, facts: FixContext) -> cst.CSTNode | None:
    """The call under `if not torch.compiler.is_compiling():`; declined where its value is used or an argument acts."""
    return node if only_when_eager(node, facts) else None

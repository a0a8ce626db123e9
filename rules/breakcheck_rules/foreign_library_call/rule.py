"""A numerical library outside torch is called in compiled code.

## What it does
Finds calls into scipy, OpenCV, Pillow, scikit-learn, pandas, librosa and their like.

## Why is this bad
Their compiled code is invisible to Dynamo: tensors go to the host, the graph ends, and a second one starts.

## What to do
Call it in the data pipeline, outside the compiled region; or register it with `torch.library.custom_op` and
a fake, so that it becomes one node of the graph.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC322",
    name="foreign-library-call",
    summary="a numerical library outside torch is called in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007", "GB0008", "GB0156", "GB0294", "GB0185"),
    calls=(
        "scipy.*",
        "cv2.*",
        "PIL.*",
        "sklearn.*",
        "skimage.*",
        "pandas.*",
        "librosa.*",
        "soundfile.*",
        "numba.*",
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` leaves torch and ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="call it outside the compiled region, or wrap it with `torch.library.custom_op`",
    )

"""A standard-library function in C that Dynamo does not trace.

## What it does
Finds calls of `heapq`, `bisect`, `statistics`, `unicodedata`, `pprint`, `decimal.Decimal`, `ast.literal_eval`,
`array.array`, `io.StringIO` and `BytesIO`, `datetime.timedelta`, `sys.getsizeof` and `numpy.isscalar`.

## Why is this bad
They are functions in C that Dynamo does not look into, so the graph ends there.

## What to do
Compute it in `__init__` or outside the compiled region and keep the result.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC321",
    name="untraced-standard-library",
    summary="a standard-library function in C that Dynamo does not trace",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0007", "GB0059", "GB0147", "GB0134", "GB0156", "GB0208"),
    calls=(
        *(
            "heapq.*",
            "bisect.*",
            "ast.literal_eval",
            "decimal.Decimal",
            "statistics.*",
            "unicodedata.*",
            "pprint.*",
        ),
        *(
            "array.array",
            "io.StringIO",
            "io.BytesIO",
            "datetime.timedelta",
            "sys.getsizeof",
            "numpy.isscalar",
        ),
    ),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` is not traced and ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="compute it outside the compiled region",
    )

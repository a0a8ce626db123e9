"""Data is serialised or hashed in compiled code.

## What it does
Finds calls of `json`, `pickle`, `hashlib`, `base64` and `zlib`.

## Why is this bad
These are functions in C that Dynamo does not look into, so the graph ends there.

## What to do
Serialise, parse and hash outside the compiled region.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Problem, Rule, Severity, breaks

RULE = Rule(
    code="BC312",
    name="serialisation",
    summary="data is serialised or hashed in compiled code",
    severity=Severity.ERROR,
    effects=(Effect.GRAPH_BREAK,),
    versions=">=2.1",
    gb_ids=("GB0156", "GB0007", "GB4818"),
    calls=("json.*", "pickle.*", "hashlib.*", "base64.*", "zlib.*", "gzip.*"),
    matrix=("se_json_dumps", "se_json_re", "se_pickle_hash"),
)


def match(node: ast.Call, facts: Facts) -> Iterator[Problem]:
    yield breaks(
        node,
        f"`{facts.source(node)}` ends the graph",
        facts,
        because=(facts.callee(node),),
        suggestion="serialise outside the compiled region",
    )

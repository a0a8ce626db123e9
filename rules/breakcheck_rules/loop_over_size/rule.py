"""A Python loop runs over a size or the rows of a tensor.

## What it does
Finds `for i in range(x.shape[0])` and `for i in range(len(x))`, in statements and comprehensions.

## Why is this bad
The loop is unrolled into the graph, so its length is a constant of the graph: every other length is a new
compilation. After eight compilations (`torch._dynamo.config.recompile_limit`) Dynamo gives the function up,
and it runs eagerly for good, without an error. A size that is the same in all calls costs nothing but a
longer graph.

A loop that indexes modules or settings by what it counts (`self.layers[i]`, `self.axes_dim[i]`) runs as often as the
model was made to, and is not reported. A loop over `min(size, n)` has as many graphs as there are sizes below `n` and
is not reported.

## What to do
Vectorise over the dim (broadcasting, `torch.vmap`, `cumsum`, `gather`), or keep the size fixed by padding.

## Fix safety
No fix is offered: what to do instead depends on what the value is for.
"""

import ast
from collections.abc import Iterator

from breakcheck.rule import Effect, Facts, Kind, Problem, Rule, Severity, Value, walk

RULE = Rule(
    code="BC604",
    name="loop-over-size",
    summary="a Python loop runs over a size or the rows of a tensor",
    severity=Severity.INFO,
    effects=(Effect.RECOMPILE_LIMIT, Effect.RECOMPILE),
    versions=">=2.1",
    nodes=(ast.For, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    matrix=("rc_shape_python_list_build",),
)


def match(
    node: ast.For | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, facts: Facts
) -> Iterator[Problem]:
    loops = [node] if isinstance(node, ast.For) else node.generators
    for loop in loops:
        source = loop.iter
        size = _bound(source, facts)
        if size is not None and not _counts_settings(loop.target, node, facts):
            yield Problem(
                source,
                f"the loop over `{facts.source(source)}` is unrolled: each length is compiled anew",
                because=(size,),
                suggestion="vectorise over the dim, or pad to a fixed size",
            )


def _bound(source: ast.expr, facts: Facts) -> Value | None:
    """The size among the arguments of `range(...)`."""
    if not isinstance(source, ast.Call) or facts.callee(source).name != "builtins.range":
        return None
    for argument in source.args:
        value = facts.value(argument)
        if (
            value.kind is Kind.SIZE
            and not value.unbacked
            and not _fixed(argument, facts)
            and not _capped(argument, facts)
        ):
            return value
    return None


def _fixed(argument: ast.expr, facts: Facts) -> bool:
    """Whether the size is an attribute of a module: set when it was made, so the same in all calls."""
    return isinstance(argument, ast.Attribute) and facts.value(argument.value).kind is Kind.MODULE


def _counts_settings(target: ast.expr, loop: ast.AST, facts: Facts) -> bool:
    """Whether what is counted indexes modules, settings of one or a tuple of numbers: as many as the model is made with."""
    if not isinstance(target, ast.Name):
        return False
    indexed = [
        part.value
        for part in walk(loop)
        if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Name) and part.slice.id == target.id
    ]
    return any(_is_made_with_the_model(held, facts) for held in indexed)


def _is_made_with_the_model(held: ast.expr, facts: Facts) -> bool:
    """Whether an expression is a list of modules, or a sequence of plain values that no call makes longer."""
    value = facts.value(held)
    element = value.element.kind if value.element is not None else None
    plain = element in (Kind.PYTHON, Kind.CONST)
    return element is Kind.MODULE or (plain and (value.name == "tuple" or _fixed(held, facts)))


def _capped(argument: ast.expr, facts: Facts) -> bool:
    """Whether the size is `min(size, n)`, here or where its name is set: every size above `n` is one graph."""
    if isinstance(argument, ast.Name):
        function = facts.function(argument)
        made = [
            other.value
            for other in (walk(function) if function is not None else ())
            if isinstance(other, ast.Assign) and ast.unparse(other.targets[0]) == argument.id
        ]
        return bool(made) and all(isinstance(value, ast.Call) and _capped(value, facts) for value in made)
    return (
        isinstance(argument, ast.Call)
        and facts.callee(argument).name == "builtins.min"
        and any(facts.value(part).kind is not Kind.SIZE for part in argument.args)
    )

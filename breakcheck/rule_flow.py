"""Questions of order and origin within one function that several rules ask; re-exported by `breakcheck.rule`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from breakcheck.rule_syntax import asked_for_truth
from breakcheck.semantic.arguments import parameters
from breakcheck.semantic.facts import Facts
from breakcheck.semantic.trees import walk, within
from breakcheck.semantic.values import Kind, Value, changed

# Calls of a tensor that hand out the same tensor, not a new one.
_SAME_TENSOR = frozenset(
    ("requires_grad_", "contiguous", "to", "cpu", "cuda", "float", "half", "double", "detach_")
)


def made_here(node: ast.expr, facts: Facts) -> bool:
    """Whether an expression is a tensor that this function computed: no argument, attribute or alias of one.

    A name counts when every assignment to it in the function is an operator or a call of torch.
    """
    return _made_here(node, facts, frozenset())


def is_given(node: ast.expr, facts: Facts) -> bool:
    """Whether an expression is the name of a parameter that nothing above it has bound to something else."""
    function = facts.function(node)
    if not isinstance(node, ast.Name) or function is None:
        return False
    return any(each.arg == node.id for each in parameters(function)) and not any(
        isinstance(part, ast.Name)
        and part.id == node.id
        and isinstance(part.ctx, ast.Store)
        and part.lineno < node.lineno
        for part in within(function, ast.Name)
    )


def definition_above(name: ast.Name, facts: Facts) -> ast.Assign | ast.For | None:
    """The last assignment or loop above that binds the name in its function, None for a parameter."""
    function = facts.function(name)
    bound = _bound(function).get(name.id, ()) if function is not None else ()
    above = [statement for statement in bound if statement.lineno < name.lineno]
    return max(above, key=lambda statement: statement.lineno, default=None)


@lru_cache(maxsize=64)
def _bound(function: ast.AST) -> dict[str, list[ast.Assign | ast.For]]:
    """The assignments and loops of a function by the names they bind."""
    table: dict[str, list[ast.Assign | ast.For]] = {}
    for statement in within(function, ast.Assign, ast.For):
        assert isinstance(statement, (ast.Assign, ast.For))
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        for part in target.elts if isinstance(target, ast.Tuple) else (target,):
            if isinstance(part, ast.Name):
                table.setdefault(part.id, []).append(statement)
    return table


def tensor_on_one_path(node: ast.expr, facts: Facts) -> tuple[Value, ast.stmt] | None:
    """The tensor that a name is where some condition held, as an assumption, and the assignment that makes it one.

    `skip = False`, then under a condition `skip = torch.rand([]) < p`: who asks for its truth asks a tensor there.
    None when the name is no tensor on any path, or something else than a plain constant on the others.
    """
    alts = facts.value(node).alts
    if not alts or not isinstance(node, ast.Name):
        return None
    tensors = [alt for alt in alts if alt.kind is Kind.TENSOR]
    if not tensors or any(alt.kind not in (Kind.TENSOR, Kind.CONST) for alt in alts):
        return None
    function = facts.function(node)
    if function is None:
        return None
    made = [
        statement
        for statement in within(function, ast.Assign)
        if isinstance(statement, ast.Assign)
        and statement.lineno < node.lineno
        and any(_binds(target, node.id) for target in statement.targets)
        and facts.value(statement.value).kind is Kind.TENSOR
    ]
    return (changed(tensors[0], assumed=True), made[-1]) if made else None


def asked_before(node: ast.expr, facts: Facts) -> bool:
    """Whether the truth of a name was already asked earlier in the same block, inside a loop or `try` of the frame.

    There the first question gives up the whole frame, so the second is never traced.
    """
    around = facts.amplifier(node)
    if not isinstance(node, ast.Name) or around is None or not around.whole_frame:
        return False
    statement = facts.statement(node)
    for block in _blocks(facts.parent(statement) or statement):
        if statement in block:
            for other in block[: block.index(statement)]:
                if isinstance(other, ast.If) and any(
                    isinstance(part, ast.Name) and part.id == node.id for part in asked_for_truth(other.test)
                ):
                    return not any(
                        _binds(later, node.id) for later in block[block.index(other) : block.index(statement)]
                    )
    return False


def _made_here(node: ast.expr, facts: Facts, names: frozenset[str]) -> bool:
    """`made_here`, with the names whose assignments are being looked at."""
    if isinstance(node, (ast.BinOp, ast.UnaryOp)):
        return facts.value(node).is_tensor
    if isinstance(node, ast.Call):
        name = facts.callee(node).name
        if name.rpartition(".")[2] in _SAME_TENSOR:
            return isinstance(node.func, ast.Attribute) and _made_here(node.func.value, facts, names)
        return name.startswith("torch.") and facts.value(node).is_tensor
    if not isinstance(node, ast.Name):
        return False
    if node.id in names:
        return True
    function = facts.function(node)
    if function is None or isinstance(function, ast.Lambda) or node.id in _parameters(function):
        return False
    sources = list(_assigned(function, node.id))
    return bool(sources) and all(
        source is not None
        and not isinstance(source, ast.Name)
        and _made_here(source, facts, names | {node.id})
        for source in sources
    )


def seen_before(node: ast.expr, facts: Facts) -> bool:
    """Whether the same expression was certainly evaluated earlier in this function.

    That is: it stands earlier in the same statement, or in an earlier statement of a block that encloses this one.
    """
    text = ast.dump(node)
    statement: ast.AST = facts.statement(node)
    if any(_comes_first(other, node) for other in _same(text, statement)):
        return True
    while True:
        parent = facts.parent(statement)
        if parent is None:
            return False
        for block in _blocks(parent):
            if statement in block:
                earlier = block[: block.index(statement)]
                if any(True for other in earlier for part in _always_run(other) for _ in _same(text, part)):
                    return True
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            return False
        statement = parent


def _same(text: str, root: ast.AST) -> Iterator[ast.expr]:
    for other in walk(root):
        if isinstance(other, (ast.Attribute, ast.Name, ast.Subscript)) and ast.dump(other) == text:
            yield other


def _comes_first(one: ast.expr, other: ast.expr) -> bool:
    return (one.lineno, one.col_offset) < (other.lineno, other.col_offset)


def _always_run(statement: ast.AST) -> Iterator[ast.AST]:
    """The parts of a statement that run whenever it does: of a branch or loop only its head."""
    if isinstance(statement, (ast.If, ast.While)):
        yield statement.test
    elif isinstance(statement, (ast.For, ast.AsyncFor)):
        yield statement.iter
    elif isinstance(statement, (ast.With, ast.AsyncWith)):
        for item in statement.items:
            yield item.context_expr
        for inner in statement.body:
            yield from _always_run(inner)
    elif not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Try, ast.Match)):
        yield statement


def _blocks(node: ast.AST) -> Iterator[list[ast.AST]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    every = [*parameters(function), function.args.vararg, function.args.kwarg]
    return {each.arg for each in every if each is not None}


def _assigned(function: ast.AST, name: str) -> Iterator[ast.expr | None]:
    """What a name is assigned in a function; None for a form that says nothing (a loop, an unpacking)."""
    for node in walk(function):
        if isinstance(node, ast.Assign) and any(_binds(target, name) for target in node.targets):
            plain = any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
            yield node.value if plain else None
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and _binds(node.target, name):
            yield node.value
        elif isinstance(node, (ast.For, ast.comprehension, ast.withitem)):
            target = node.optional_vars if isinstance(node, ast.withitem) else node.target
            if target is not None and _binds(target, name):
                yield None


def _binds(target: ast.AST, name: str) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
        for node in walk(target)
    )

"""Where tracing starts: `forward` of modules, functions given to `torch.compile`, forward hooks, configured roots."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from breakcheck.semantic.arguments import ANY_ARGUMENTS, Arguments, parameters
from breakcheck.semantic.facts import Reach
from breakcheck.semantic.frame import Frame
from breakcheck.semantic.interpreter import Interpreter
from breakcheck.semantic.project import COMPILER_NAMES, names_compiler
from breakcheck.semantic.symbols import ClassInfo, FunctionInfo, Import, ModuleInfo
from breakcheck.semantic.trees import walk
from breakcheck.semantic.values import Reason, Value
from breakcheck.semantic.world import Code, World

TAKES_BACKEND = "torch._dynamo.optimize"  # and gives what takes the function
COMPILERS = ("torch.compile", TAKES_BACKEND, "torch.compiler.compile")

# What `torch.compile` of a LightningModule compiles beside its `forward`.
STEPS = ("training_step", "validation_step", "test_step", "predict_step")
# Dynamo inlines these hooks with the call of their module (torch/_dynamo/variables/nn_module.py; measured on torch 2.9.1,
# 2.13 and 2.15).
HOOKS = (
    *("register_forward_hook", "register_forward_pre_hook"),
    *("register_module_forward_hook", "register_module_forward_pre_hook"),
)


@dataclass(frozen=True)
class Root:
    """A function that tracing starts in; `receiver` is the module whose method it is.

    assumed: why tracing is taken to get there, where the file alone does not tell.
    """

    info: FunctionInfo
    receiver: Value | None
    label: str
    assumed: Reason | None = None


def roots_of(
    interpreter: Interpreter, module: ModuleInfo, configured: Sequence[str] = ()
) -> Iterator[list[Root]]:
    """Groups of roots: the outermost modules and compiled functions first, then modules nothing has called yet, then hooks."""
    world = interpreter.world
    outer: list[Root] = []
    inner: list[Root] = []
    used = referenced(module)
    for info in module.classes():
        if not world.is_module(info):
            continue
        taken = _taken_for_module(world, module, info)
        for name in ("__call__", "forward"):
            method = world.method(info, name)
            if method is not None:
                root = Root(method, world.instance(info), f"{module.name}:{info.qualname}.{name}", taken)
                (inner if info.name in used else outer).append(root)
    yield outer
    yield list(_compiled(world, module))
    yield list(_configured(world, module, configured))
    for root in inner:
        if not _was_called(interpreter, root):
            yield [root]
    yield [*_hooks(world, module), *_steps(world, module)]


def _taken_for_module(world: World, module: ModuleInfo, info: ClassInfo) -> Reason | None:
    base = world.taken_for_module(info)
    if not base:
        return None
    text = f"`{info.name}` is taken for a module: it has a `forward`, and `{base}` can't be read"
    return Reason(text, str(module.path), info.node.lineno)


def _was_called(interpreter: Interpreter, root: Root) -> bool:
    seen = interpreter.memo.get(root.info)
    if seen is None:
        return False
    name = root.receiver.name if root.receiver is not None else ""
    return any(interpreter.received(context, name) for context in seen.outcomes)


def referenced(module: ModuleInfo) -> set[str]:
    """Names of classes that another class of the file uses."""
    classes = list(module.classes())
    ends = [0, *accumulate([len(line) + 1 for line in module.source.split("\n")])]
    bodies = sorted([(ends[info.node.lineno], _end(info, ends), info.name) for info in classes])
    return {name for name in {info.name for info in classes} if _stands_in(name, module.source, bodies)}


def _end(info: ClassInfo, ends: Sequence[int]) -> int:
    """The last character of a class, the methods that its tree is without included, comments after it not."""
    if info.written is None or not info.methods:
        return ends[info.node.end_lineno or 0]
    source, end = info.module.source, info.written.last
    while end > info.written.first:
        start = source.rfind("\n", 0, end - 1) + 1
        line = source[start:end].strip()
        if line and not line.startswith("#"):
            break
        end = start
    return end


def _stands_in(name: str, source: str, bodies: Sequence[tuple[int, int, str]]) -> bool:
    """Whether a word stands in the body of a class of another name. bodies: (first character, last, name), in order."""
    at = source.find(name, bodies[0][0])
    while at >= 0:
        end = at + len(name)
        if not (_in_word(source[at - 1]) or _in_word(source[end : end + 1])):
            for _first, last, other in reversed(bodies[: bisect_left(bodies, (at + 1,))]):
                if at < last and other != name:
                    return True
        at = source.find(name, end)
    return False


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def enter_root(interpreter: Interpreter, root: Root) -> None:
    """Interpret a root with the values its declaration promises."""
    info = root.info
    reasons = () if root.assumed is None else (root.assumed,)
    reach = Reach(root.label, (info.symbol,), reasons, bool(reasons))
    env = interpreter.entry(info, ANY_ARGUMENTS, True)
    own = parameters(info.node)
    if root.receiver is not None and own:
        env[own[0].arg] = root.receiver
    code = Code(info, None, None, info.owner)
    value = interpreter.enter(None, code, env, reach)
    if info.decorators:
        frame = Frame(interpreter, info, {}, traced=True, depth=0, reach=reach)
        given = Arguments(keywords={name: held for name, held in env.items() if name not in _stars(info)})
        if own:
            first = given.keywords.pop(own[0].arg, None)
            if first is not None:
                given.positional.append(first)
        given.open_keywords = info.node.args.kwarg is not None
        interpreter.wrapped(frame, code, given, value)


def _stars(info: FunctionInfo) -> set[str]:
    return {arg.arg for arg in (info.node.args.vararg, info.node.args.kwarg) if arg is not None}


def _compiled(world: World, module: ModuleInfo) -> Iterator[Root]:
    if not names_compiler(module.source):
        return
    for info in module.functions():
        if any(world.decorator_name(info, decorator) in COMPILERS for decorator in info.decorators):
            yield Root(info, _receiver(world, info), f"torch.compile({info.qualname})")
    renamed = [
        name
        for name, found in module.names.items()
        if any(isinstance(each, Import) and each.attribute in COMPILER_NAMES for each in found)
    ]
    for holders, call in _calls(module, ("compile", "optimize", "partial", *renamed)):
        target = _handed(world, module, call)
        compiled = None if target is None else _target(world, module, holders, target)
        if compiled is not None:
            yield Root(compiled, _receiver(world, compiled), f"torch.compile({compiled.qualname})")


def _hooks(world: World, module: ModuleInfo) -> Iterator[Root]:
    """Functions that are registered to run with a module."""
    if not any(f"{name}(" in module.source for name in HOOKS):
        return
    for holders, call in _calls(module, HOOKS):
        name = getattr(call.func, "attr", "") or getattr(call.func, "id", "")
        target = _argument(call, "hook") if name in HOOKS else None
        info = None if target is None else _target(world, module, holders, target)
        if info is not None:
            text = f"it is given to `{name}`, and traced where the module is compiled"
            reason = Reason(text, str(module.path), call.lineno)
            yield Root(info, _receiver(world, info), f"{name}({info.qualname})", reason)


def _steps(world: World, module: ModuleInfo) -> Iterator[Root]:
    """The steps of Lightning modules: a compiled module's are compiled too (lightning/pytorch/utilities/compile.py)."""
    if not any(f"def {name}(" in module.source for name in STEPS):
        return
    for info in module.classes():
        if not any(_last_name(base) == "LightningModule" for base in world.mro(info)):
            continue
        for name in STEPS:
            method = world.method(info, name)
            if method is not None and method.module is module:
                reason = Reason(
                    f"Lightning compiles `{name}` with its module", str(module.path), method.node.lineno
                )
                yield Root(method, world.instance(info), f"{module.name}:{info.qualname}.{name}", reason)


def _last_name(base: ClassInfo | str) -> str:
    return base.rpartition(".")[2] if isinstance(base, str) else base.name


def _receiver(world: World, info: FunctionInfo) -> Value | None:
    return None if info.owner is None else world.instance(info.owner)


def _handed(world: World, module: ModuleInfo, call: ast.Call) -> ast.expr | None:
    """What a call compiles: of `torch.compile(f)`, `torch.compile(dynamic=True)(f)`, `torch._dynamo.optimize("eager")(f)`."""
    name = world.name_of(module, call.func)
    if name in COMPILERS and name != TAKES_BACKEND:
        return _argument(call, "model")
    if not isinstance(call.func, ast.Call) or not call.args:
        return None
    name = world.name_of(module, call.func.func)
    if name == TAKES_BACKEND or (name in COMPILERS and _argument(call.func, "model") is None):
        return call.args[0]
    return None


def _argument(call: ast.Call, name: str) -> ast.expr | None:
    """The first argument of a call, which may be given by name."""
    if call.args:
        return call.args[0]
    return next((given.value for given in call.keywords if given.arg == name), None)


def _calls(module: ModuleInfo, words: Sequence[str]) -> Iterator[tuple[list[ast.AST], ast.Call]]:
    """Calls in statements on a line of which one of some words stands, with the functions and classes they stand in."""
    stems = re.compile("|".join(map(re.escape, words)))
    marked = [number for number, line in enumerate(module.source.splitlines(), 1) if stems.search(line)]
    stack: list[tuple[ast.AST, list[ast.AST]]] = [(module.whole(), [])]
    while stack:
        node, holders = stack.pop()
        if isinstance(node, ast.stmt):
            at = bisect_left(marked, node.lineno)
            if at == len(marked) or marked[at] > (node.end_lineno or node.lineno):
                continue
        if isinstance(node, ast.Call):
            yield holders, node
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            holders = [*holders, node]
        for child in ast.iter_child_nodes(node):
            stack.append((child, holders))


def _target(world: World, module: ModuleInfo, holders: list[ast.AST], node: ast.expr) -> FunctionInfo | None:
    prefix = ".".join(getattr(holder, "name", "") for holder in holders)
    if isinstance(node, ast.Lambda):
        return FunctionInfo(module, node, f"{prefix}.<locals>.<lambda>" if prefix else "<lambda>")
    if isinstance(node, ast.Call):  # functools.partial(f, ...)
        return _target(world, module, holders, node.args[0]) if node.args else None
    if isinstance(node, ast.Name):
        for holder in reversed(holders):
            for part in walk(holder):
                if isinstance(part, ast.FunctionDef) and part.name == node.id and part is not holder:
                    return FunctionInfo(module, part, f"{prefix}.<locals>.{part.name}")
        found = world.project.find(module, node.id)
        if found is not None and isinstance(found.symbol, FunctionInfo) and found.symbol.module is module:
            return found.symbol
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        made = _class_of(world, module, holders, node.value.id)
        return None if made is None else world.method(made, node.attr)
    return None


def _class_of(world: World, module: ModuleInfo, holders: list[ast.AST], name: str) -> ClassInfo | None:
    """The class that the object of a name is of: of `self`, or where all that is assigned to the name is made of one class."""
    if name == "self":
        inner = next((holder for holder in reversed(holders) if isinstance(holder, ast.ClassDef)), None)
        return next((info for info in module.classes() if info.node is inner), None)
    for scope in (*reversed(holders), module.whole()):
        assigned = [
            part.value
            for part in walk(scope)
            if isinstance(part, ast.Assign)
            and any(isinstance(target, ast.Name) and target.id == name for target in part.targets)
        ]
        if assigned:
            made = [
                world.resolve(module, value.func) if isinstance(value, ast.Call) else None
                for value in assigned
            ]
            first = made[0].symbol if made[0] is not None else None
            agreed = all(found is not None and found.symbol is first for found in made)
            return first if agreed and isinstance(first, ClassInfo) else None
    return None


def _configured(world: World, module: ModuleInfo, configured: Sequence[str]) -> Iterator[Root]:
    for name in configured:
        module_name, _, qualname = name.partition(":")
        if module_name != module.name:
            continue
        found = find_function(world, module, qualname)
        if found is not None:
            yield Root(found, _receiver(world, found), name)


def find_function(
    world: World, module: ModuleInfo, qualname: str, named: Container[str] = ()
) -> FunctionInfo | None:
    """The function of a qualified name such as "Class.method" or "outer.<locals>.inner" in a module.

    named: names of its parameters, which tell a property's getter from its setter; without, the last definition.
    """
    parts = [part for part in qualname.split(".") if part != "<locals>"]
    scope: ModuleInfo | ClassInfo = module
    for index, part in enumerate(parts):
        table = scope.names if isinstance(scope, ModuleInfo) else scope.members
        found = [d for d in reversed(table.get(part, [])) if isinstance(d, (FunctionInfo, ClassInfo))]
        if len(found) > 1 and named:
            found.sort(key=lambda d: isinstance(d, FunctionInfo) and not _all_in(d, named))
        if not found:
            return None
        symbol = found[0]
        if isinstance(symbol, FunctionInfo):
            return _nested(symbol, parts[index + 1 :], qualname)
        scope = symbol
    return None


def _all_in(info: FunctionInfo, named: Container[str]) -> bool:
    return all(arg.arg in named for arg in parameters(info.node))


def _nested(info: FunctionInfo, parts: list[str], qualname: str) -> FunctionInfo | None:
    node: ast.AST = info.node
    for part in parts:
        for child in walk(node):
            if (
                isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
                and child.name == part
                and child is not node
            ):
                node = child
                break
        else:
            return None
    if node is info.node:
        return info
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    return FunctionInfo(info.module, node, qualname)

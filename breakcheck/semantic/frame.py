"""One function interpreted in one context: statements, branches, loops; records what each node may be."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from breakcheck.semantic import values as v
from breakcheck.semantic.annotations import refined
from breakcheck.semantic.expressions import binary
from breakcheck.semantic.facts import Callee, Reach
from breakcheck.semantic.narrowing import narrow
from breakcheck.semantic.symbols import FunctionInfo, imports_of
from breakcheck.semantic.trees import dotted, walk
from breakcheck.semantic.values import Kind, Reason, Value
from breakcheck.semantic.world import Code

if TYPE_CHECKING:
    from breakcheck.semantic.interpreter import Interpreter

Env = dict[str, Value]
# Expressions under evaluation, each in the one before, all calls that are followed together. Counted, for compiled code
# (`hatch_build.py`) nests on the stack of C, of which Python does not keep count.
MAX_NESTING: Final = 3000


class Record:
    """What the interpretation of one function in one context saw; only live nodes are in it."""

    __slots__ = (
        *("callees", "descriptors", "disabled", "info", "operators", "reach"),
        *("statements", "values"),
    )

    def __init__(self, info: FunctionInfo, reach: Reach) -> None:
        self.info = info
        self.reach = reach
        self.values: dict[ast.expr, Value] = {}
        self.callees: dict[ast.Call, Callee] = {}
        self.statements: dict[ast.stmt, None] = {}
        self.descriptors: dict[ast.Attribute, str] = {}
        self.operators: dict[ast.BinOp, str] = {}
        self.disabled: set[ast.Call] = set()


def join_envs(a: Env | None, b: Env | None) -> Env | None:
    """What holds where two paths meet; a name bound on one path only keeps its value."""
    if a is None:
        return b
    if b is None or a is b:
        return a
    out = dict(a)
    for name, value in b.items():
        mine = a.get(name)
        if mine is value:
            continue
        if mine is not None:
            out[name] = v.join(mine, value)
        elif "." not in name:
            out[name] = value
    for name in a.keys() - b.keys():
        if "." in name:
            del out[name]  # a narrowing of one path
    return out


class Frame:
    """Interprets statements over `env`; `env` is None while the current path is dead."""

    def __init__(
        self,
        interpreter: Interpreter,
        info: FunctionInfo,
        env: Env,
        *,
        traced: bool,
        depth: int,
        reach: Reach,
        closure: Env | None = None,
        self_value: Value | None = None,
        found_in: object = None,
    ) -> None:
        self.interpreter = interpreter
        self.world = interpreter.world
        self.handlers = interpreter.expressions
        self.info = info
        self.module = info.module
        self.env: Env | None = env
        self.traced = traced
        self.kept = traced and info.module is interpreter.focus  # rules will ask what its record holds
        self.depth = depth
        self.closure = closure
        self.self_value = self_value
        self.found_in = found_in
        self.record = Record(info, reach)
        self.values = self.record.values
        self.calling: ast.Call | None = None  # the call whose callee is being entered
        self.dropped: ast.expr | None = None  # the expression whose value a statement throws away
        self.known_below: set[str] = set()  # names `a` of which some `a.b` is in an environment
        self.returned: Value | None = None
        self.yielded: Value | None = None
        self.loops: list[list[Env]] = []  # environments at `break`
        self.continues: list[list[Env]] = []

    # Running -------------------------------------------------------------------------------------------------

    def run(self) -> Value:
        """The joined return value of the function."""
        node = self.info.node
        if isinstance(node, ast.Lambda):
            return self.eval(node.body)
        self.block(node.body)
        if self.yielded is not None:
            return v.container("generator", element=self.yielded)
        if self.env is not None:  # fell off the end
            self.returned = v.NONE if self.returned is None else v.join(self.returned, v.NONE)
        return v.NONE if self.returned is None else self.returned

    def eval(self, node: ast.expr) -> Value:
        """The value of an expression, recorded under its node. Raises RecursionError where it nests too deeply."""
        interpreter = self.interpreter
        interpreter.nesting += 1
        if interpreter.nesting > MAX_NESTING:
            raise RecursionError
        value = self.values[node] = self.handlers[type(node)](self, node)
        interpreter.nesting -= 1
        return value

    def block(self, body: list[ast.stmt]) -> Env | None:
        """Run statements; the environment at their end, None when control does not get there."""
        for statement in body:
            if self.env is None:
                return None
            self.record.statements[statement] = None
            handler = STATEMENTS.get(type(statement))
            if handler is not None:
                handler(self, statement)
        return self.env

    def lookup(self, name: str) -> Value | None:
        """A local or enclosing name; None when it is neither."""
        if self.env is not None and name in self.env:
            return self.env[name]
        if self.closure is not None:
            return self.closure.get(name)
        return None

    # Binding -------------------------------------------------------------------------------------------------

    def bind(self, target: ast.expr, value: Value) -> None:
        """Assign a value to a target."""
        assert self.env is not None
        kind = target.__class__
        if kind is ast.Name:
            name = target.id  # type: ignore[attr-defined]
            if name in self.known_below:
                self.forget(name)
            self.env[name] = value
            self.values[target] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target, value)
        elif isinstance(target, ast.Attribute):
            base = self.eval(target.value)
            self.values[target] = value
            path = dotted(target)
            if path:
                self.forget(path)
                self.learn(path, value)
            self.interpreter.objects.store_attribute(self, base, target.attr, value)
        elif isinstance(target, ast.Subscript):
            base = self.eval(target.value)
            index = self.eval(target.slice)
            self.values[target] = value
            self.interpreter.objects.store_item(self, target, base, index, value)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, v.container("list", element=self.interpreter.iterate(value)))

    def learn(self, path: str, value: Value) -> None:
        """Take down what `a.b.c` is here."""
        assert self.env is not None
        self.known_below.add(path.partition(".")[0])
        self.env[path] = value

    def forget(self, path: str) -> None:
        """Drop what was known of `path.…`, which now means something else."""
        assert self.env is not None
        if path.partition(".")[0] not in self.known_below:
            return
        prefix = path + "."
        stale = [name for name in self.env if name.startswith(prefix)]
        for name in stale:
            del self.env[name]

    def _unpack(self, target: ast.Tuple | ast.List, value: Value) -> None:
        elements = target.elts
        items = value.items if value.kind is Kind.CONTAINER else None
        starred = [i for i, e in enumerate(elements) if isinstance(e, ast.Starred)]
        if items is not None and not starred and len(items) == len(elements):
            for element, item in zip(elements, items, strict=False):
                self.bind(element, item)
            return
        if items is not None and starred and len(items) >= len(elements) - 1:
            at = starred[0]
            after = len(elements) - at - 1
            middle = items[at : len(items) - after]
            parts = [*items[:at], v.container("list", middle), *items[len(items) - after :]]
            for element, item in zip(elements, parts, strict=False):
                self.bind(element.value if isinstance(element, ast.Starred) else element, item)
            return
        each = self.interpreter.iterate(value)
        for element in elements:
            self.bind(element, each)

    # Statements ----------------------------------------------------------------------------------------------

    def do_expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.dropped = node.value
            self.eval(node.value)

    def do_assign(self, node: ast.Assign) -> None:
        value = self.eval(node.value)
        if self.env is None:
            return
        for target in node.targets:
            if isinstance(target, ast.Tuple) and value.kind is Kind.UNKNOWN and not value.alts:
                self._take_back(target, node.value)
            else:
                self.bind(target, value)

    def _take_back(self, target: ast.Tuple, source: ast.expr) -> None:
        """Bind what an unknown call gives: what was handed to it and comes back under its name is taken to stay what it is."""
        assert self.env is not None
        handed = (
            {arg.id for arg in source.args if isinstance(arg, ast.Name)}
            if isinstance(source, ast.Call)
            else set()
        )
        for element in target.elts:
            value = v.UNKNOWN
            if isinstance(element, ast.Name) and element.id in handed:
                before = self.env.get(element.id, v.UNKNOWN)
                if before.kind in (Kind.TENSOR, Kind.CONTAINER):
                    text = f"`{element.id}` comes back from a call that it was given to"
                    value = v.taken(before, Reason(text, str(self.module.path), element.lineno))
            self.bind(element, value)

    def do_annassign(self, node: ast.AnnAssign) -> None:
        declared = self.interpreter.annotations.value(node.annotation, self.module)
        if node.value is not None:
            value = self.eval(node.value)
            if value.kind is Kind.UNKNOWN and not value.alts:
                value = declared
            self.bind(node.target, refined(value, declared))

    def do_augassign(self, node: ast.AugAssign) -> None:
        left = self.eval(node.target)
        right = self.eval(node.value)
        self.bind(node.target, binary(node.op, left, right))

    def do_return(self, node: ast.Return) -> None:
        value = v.NONE if node.value is None else self.eval(node.value)
        self.returned = value if self.returned is None else v.join(self.returned, value)
        self.env = None

    def do_raise(self, node: ast.Raise) -> None:
        if node.exc is not None:
            self.eval(node.exc)
        self.env = None

    def do_if(self, node: ast.If) -> None:
        before = self.env
        assert before is not None
        value = self.eval(node.test)
        truth = v.truth(value)
        if truth is True and isinstance(node.body[-1], ast.Raise) and _asks_settings(node.test):
            truth = None  # no one makes an object that refuses to work: its settings are others than thought
        after_test = self.env
        then = other = None
        if truth is not False:
            self.env = narrow(self, node.test, dict(after_test or before), True)
            if self.env is not None:
                self.block(node.body)
            then = self.env
        if truth is not True:
            self.env = narrow(self, node.test, dict(after_test or before), False)
            if self.env is not None:
                self.block(node.orelse)
            other = self.env
        self.env = join_envs(then, other)
        self._prefer_given(node.test, before, then, other)

    def _prefer_given(self, test: ast.expr, before: Env, then: Env | None, other: Env | None) -> None:
        """After `if x is None: x = <something else>`, an `x` declared a tensor is one: callers give what is declared."""
        if self.env is None or then is None or other is None or not isinstance(test, ast.Compare):
            return
        name = test.left.id if isinstance(test.left, ast.Name) else ""
        given = before.get(name)
        now = self.env.get(name)
        if given is None or now is None or given.kind is not Kind.TENSOR or not given.optional:
            return
        if now.kind is Kind.UNKNOWN and isinstance(test.ops[0], (ast.Is, ast.IsNot)):
            self.env[name] = v.changed(given, optional=False, assumed=True)

    def widen(self, body: list[ast.stmt]) -> None:
        """Forget the constants of names that a loop's body assigns."""
        assert self.env is not None
        for statement in body:
            for name in assigned_names(statement):
                value = self.env.get(name)
                if value is not None and value.kind is Kind.CONST:
                    self.env[name] = v.generalised(value)

    def do_for(self, node: ast.For | ast.AsyncFor) -> None:
        items = self.eval(node.iter)
        known = items.items if items.kind is Kind.CONTAINER else None
        if known is not None and not known and items.name not in ("list", "dict", "set"):
            self.block(node.orelse)
            return
        element = self.interpreter.iterate(items)
        self.widen(node.body)
        self._loop(node.body, node.orelse, lambda: self.bind(node.target, element))

    def do_while(self, node: ast.While) -> None:
        self.widen(node.body)
        truth = v.truth(self.eval(node.test))
        if truth is False:
            self.block(node.orelse)
            return

        def enter() -> None:
            self.eval(node.test)
            assert self.env is not None
            self.env = narrow(self, node.test, self.env, True)

        self._loop(node.body, node.orelse, enter, endless=truth is True)

    def _loop(
        self, body: list[ast.stmt], orelse: list[ast.stmt], enter: Callable[[], None], endless: bool = False
    ) -> None:
        before = self.env
        assert before is not None
        head: Env = dict(before)
        breaks: list[Env] = []
        for _attempt in range(2):
            breaks = []
            continues: list[Env] = []
            self.loops.append(breaks)
            self.continues.append(continues)
            self.env = dict(head)
            enter()
            end = self.block(body)
            self.loops.pop()
            self.continues.pop()
            for env in continues:
                end = join_envs(end, env)
            joined = join_envs(head, end) or head
            stable = same_env(joined, head)
            head = joined
            if stable:
                break
        self.env = None if endless else head
        if orelse and self.env is not None:
            self.block(orelse)
        for env in breaks:
            self.env = join_envs(self.env, env)

    def do_break(self, node: ast.Break) -> None:
        if self.loops and self.env is not None:
            self.loops[-1].append(self.env)
        self.env = None

    def do_continue(self, node: ast.Continue) -> None:
        if self.continues and self.env is not None:
            self.continues[-1].append(self.env)
        self.env = None

    def do_try(self, node: ast.Try) -> None:
        before = dict(self.env or {})
        self.block(node.body)
        if self.env is not None:
            self.block(node.orelse)
        ends: list[Env | None] = [self.env]
        middle = join_envs(before, dict(self.env) if self.env is not None else None) or {}
        for handler in () if self._cannot_raise(node) else node.handlers:
            self.env = dict(middle)
            if handler.name:
                self.env[handler.name] = v.PYTHON
            ends.append(self.block(handler.body))
        self.env = None
        for end in ends:
            self.env = join_envs(self.env, end)
        if node.finalbody:
            dead = self.env is None
            if dead:
                self.env = dict(middle)
            self.block(node.finalbody)
            if dead:
                self.env = None

    def _cannot_raise(self, node: ast.Try) -> bool:
        """Whether a `try` around imports and questions to the compiler never enters its handlers."""
        for statement in node.body:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                names = [name for name, _ in imports_of(statement, self.module.package)]
                tops = {self.values_name(name).partition(".")[0] for name in names}
                if tops != {"torch"}:
                    return False
            elif isinstance(statement, (ast.Return, ast.Assign, ast.Expr)) and statement.value is not None:
                if self.values.get(statement.value, v.UNKNOWN).kind is not Kind.CONST:
                    return False
            else:
                return False
        return True

    def values_name(self, name: str) -> str:
        """The qualified name bound to a local name, "" when unknown."""
        found = self.lookup(name)
        return found.name if found is not None else "torch" if name == "torch" else ""

    def do_with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            value = self.eval(item.context_expr)
            if self.env is None or (item.optional_vars is None and value.target is None):
                continue
            entered = self.interpreter.objects.entered(
                self, value
            )  # an object of the project: its `__enter__` runs
            if item.optional_vars is not None:
                self.bind(item.optional_vars, entered)
        self.block(node.body)

    def do_assert(self, node: ast.Assert) -> None:
        truth = v.truth(self.eval(node.test))
        before = self.env
        if node.msg is not None and truth is not True and self.env is not None:
            self.eval(node.msg)
        if before is not None:
            self.env = narrow(self, node.test, before, True)

    def do_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        assert self.env is not None
        info = self.interpreter.local_function(self, node, node.name)
        env = self.env if self.closure is None else {**self.closure, **self.env}
        self.interpreter.closures.append(env)
        made = Value(Kind.FUNCTION, name=info.full_name, target=Code(info, env))
        for decorator in node.decorator_list:
            self.eval(decorator)
        self.env[node.name] = made
        if self.closure is not None:
            env[node.name] = made

    def do_class(self, node: ast.ClassDef) -> None:
        assert self.env is not None
        self.env[node.name] = self.interpreter.local_class(self, node)

    def do_import(self, node: ast.Import | ast.ImportFrom) -> None:
        assert self.env is not None
        for name, target in imports_of(node, self.module.package):
            if name == "*":
                continue
            found = self.world.project.imported(target)
            if found is not None and found.module is not None:
                self.world.project.link(self.module, found.module)
            self.env[name] = v.UNKNOWN if found is None else self.interpreter.symbol_value(found)

    def do_delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name) and self.env is not None:
                self.forget(target.id)
                self.env.pop(target.id, None)
            elif isinstance(target, ast.Attribute):
                self.eval(target.value)

    def do_match(self, node: ast.Match) -> None:
        self.eval(node.subject)
        before = dict(self.env or {})
        end: Env | None = before
        for case in node.cases:
            self.env = dict(before)
            for part in walk(case.pattern):
                name = getattr(part, "name", None)
                if isinstance(part, (ast.MatchAs, ast.MatchStar)) and name:
                    self.env[name] = v.UNKNOWN
            if case.guard is not None:
                self.eval(case.guard)
            end = join_envs(end, self.block(case.body))
        self.env = end


def _asks_settings(test: ast.expr) -> bool:
    """Whether a condition asks for an attribute of `self`."""
    return any(
        isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "self"
        for part in walk(test)
    )


@lru_cache(maxsize=256)
def assigned_names(statement: ast.stmt) -> frozenset[str]:
    """The names that a statement assigns."""
    return frozenset(
        [
            part.id
            for part in walk(statement)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        ]
    )


def same_env(a: Env, b: Env) -> bool:
    """Whether two environments say the same, reasons aside."""
    if a.keys() != b.keys():
        return False
    return all(a[name] is b[name] or v.key(a[name]) == v.key(b[name]) for name in a)


STATEMENTS: dict[type, Callable[[Frame, Any], None]] = {
    ast.Expr: Frame.do_expr,
    ast.Assign: Frame.do_assign,
    ast.AnnAssign: Frame.do_annassign,
    ast.AugAssign: Frame.do_augassign,
    ast.Return: Frame.do_return,
    ast.Raise: Frame.do_raise,
    ast.If: Frame.do_if,
    ast.For: Frame.do_for,
    ast.AsyncFor: Frame.do_for,
    ast.While: Frame.do_while,
    ast.Break: Frame.do_break,
    ast.Continue: Frame.do_continue,
    ast.Try: Frame.do_try,
    ast.With: Frame.do_with,
    ast.AsyncWith: Frame.do_with,
    ast.Assert: Frame.do_assert,
    ast.FunctionDef: Frame.do_function,
    ast.AsyncFunctionDef: Frame.do_function,
    ast.ClassDef: Frame.do_class,
    ast.Import: Frame.do_import,
    ast.ImportFrom: Frame.do_import,
    ast.Delete: Frame.do_delete,
    ast.Match: Frame.do_match,
}

"""Calls and objects across functions: memoised contexts, instance attributes, decorators that wrap."""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from breakcheck.semantic import values as v
from breakcheck.semantic.annotations import Annotations, refined
from breakcheck.semantic.arguments import Arguments, first_parameter
from breakcheck.semantic.attributes import on_attribute
from breakcheck.semantic.calls import call_value, on_call
from breakcheck.semantic.contexts import Context, context_of, free_names
from breakcheck.semantic.expressions import EXPRESSIONS
from breakcheck.semantic.facts import Reach
from breakcheck.semantic.frame import Frame, Record
from breakcheck.semantic.objects import MAX_DEPTH, STOP, UNTRACED_DEPTH, Objects
from breakcheck.semantic.parameters import Parameters
from breakcheck.semantic.project import External, Found
from breakcheck.semantic.symbols import Assignment, ClassInfo, FunctionInfo, ModuleInfo
from breakcheck.semantic.values import Kind, Reason, Value
from breakcheck.semantic.world import Answered, Code, World, external, global_builtin
from breakcheck.semantic.wrappers import Wrapper, wrappers_of

MAX_CONTEXTS = 8  # contexts that one file adds of a function; further ones are joined into its declared one
# Contexts of another file's function, of those that this file asks for, that must agree on what it returns before it is
# taken to return just that: its own file's analysis looks at them all, and is told of as many as one file adds. Outside
# traced code nothing but what comes back is asked for.
AGREEING = {True: 2, False: 1}
MAX_VISITS = 3  # of one decorator's wrapper in its own file, which is all that goes through it
SOME = {
    (kind, optional): Value(kind, optional=optional)
    for kind in (Kind.MODULE, Kind.PYTHON)
    for optional in (False, True)
}  # an object of which nothing more is told
ROW = "row"  # the name of what iterating a tensor yields, until an operator makes another tensor of it


@dataclass(slots=True)
class Outcome:
    """What one context of a function gave, seen from a depth of calls: from deeper ones less is followed.

    leaving: the calls into other files that it led to, which count for every file that recalls it. given, reach: the
    parameters' values and the way there of the file that went through it, in place of which another file has its own.
    """

    value: Value
    depth: int
    leaving: dict[tuple[str, str], Context]
    given: tuple[Value, ...]
    reach: Reach

    def seen_from(self, given: tuple[Value, ...], reach: Reach) -> Outcome:
        """The outcome as another file has it: its reasons for what it gives, its way to the calls into other files."""
        own: dict[Reason, tuple[Reason, ...]] = {}
        for first, other in zip(self.given, given, strict=True):
            if first.reasons is not other.reasons:
                own.update(dict.fromkeys(first.reasons, ()))
                own.update(zip(first.reasons[:1], (other.reasons,), strict=False))
        if not own and not self.leaving:
            return self
        begin, length = reach.chain, len(self.reach.chain)
        ways: dict[int, Reach] = {}  # as many as there were: calls of one function share theirs
        leaving: dict[tuple[str, str], Context] = {}
        for key, context in self.leaving.items():
            way = ways.get(id(context.reach))
            if way is None:
                chain = (*begin, *context.reach.chain[length:])
                way = ways[id(context.reach)] = Reach(reach.root, chain, reach.reasons, reach.assumed)
            leaving[key] = Context(
                context.path, context.qualname, context.env, context.closure, way, context.digest
            )
        value = v.with_reasons(self.value, own) if own else self.value
        return Outcome(value, self.depth, leaving, given, reach)


class Memo:
    """What the contexts of one function gave. settled: the value that all of them gave, None when they differ.

    running: the contexts under way, the innermost last.
    """

    __slots__ = ("outcomes", "running", "settled")

    def __init__(self) -> None:
        self.outcomes: dict[Hashable, Outcome] = {}
        self.running: list[Hashable] = []
        self.settled: Value | None = None

    def add(self, context: Hashable, outcome: Outcome) -> None:
        """Keep an outcome."""
        if not self.outcomes:
            self.settled = outcome.value
        elif self.settled is not None and v.key(self.settled) != v.key(outcome.value):
            self.settled = None
        self.outcomes[context] = outcome


class Interpreter:
    """Evaluates functions of one project; `records` holds what was seen in traced frames, by function.

    nesting: how many expressions are under evaluation, each in the one before.
    """

    __deletable__ = ("objects",)  # told to mypyc, of whose objects no other attribute can be deleted

    def __init__(self, world: World) -> None:
        self.world = world
        self.annotations = Annotations(world)
        self.focus: ModuleInfo | None = None  # the file whose frames are kept
        self.closures: list[dict[str, Value]] = []  # what nested functions see; they see themselves in it
        self.nesting = 0
        self.begin(None)
        self._untraced: dict[FunctionInfo, Memo] = {}
        self._elsewhere: dict[FunctionInfo, Memo] = {}  # traced, of files that are not in focus
        self._globals: dict[tuple[ModuleInfo, str], Value] = {}
        self.objects = Objects(self)
        self._wrappers: dict[FunctionInfo, tuple[Wrapper, ...]] = {}
        self._local: dict[ast.AST, FunctionInfo | ClassInfo] = {}
        self._parameters: dict[FunctionInfo, Parameters] = {}
        self._defaults: dict[ast.expr, Value] = {}

    def close(self) -> None:
        """Take apart what refers to itself, so that no garbage collector is needed to free it."""
        for env in self.closures:
            env.clear()
        self.closures.clear()
        del self.objects

    def begin(self, module: ModuleInfo | None) -> None:
        """Forget traced frames and keep those of `module` from now on."""
        self.focus = module
        self.memo: dict[FunctionInfo, Memo] = {}
        # What this file has asked of a function, traced or not: its answers depend on no other file's questions.
        self.asked: dict[tuple[bool, FunctionInfo], Memo] = {}
        self.records: dict[FunctionInfo, list[Record]] = {}
        self.leaving: dict[tuple[str, str], Context] = {}  # calls into other files
        self.gathering = [self.leaving]  # the same of each function under way, the innermost last
        self.seen: set[str] = set()  # digests of the contexts of this file's functions
        self.visits: dict[FunctionInfo, int] = {}  # how often such a function was gone through

    # Expressions ---------------------------------------------------------------------------------------------

    expressions: ClassVar[dict[type, Callable[[Frame, Any], Value]]] = {
        **EXPRESSIONS,
        ast.Attribute: on_attribute,
        ast.Call: on_call,
    }

    def iterate(self, value: Value) -> Value:
        """What iterating a value yields."""
        if value.alts:
            found = [self.iterate(alt) for alt in value.alts]
            # An alternative that can't be gone through is not the one that is there.
            return v.join_all(each for each in found if each.kind is not Kind.UNKNOWN or each.alts)
        if value.kind is Kind.TENSOR:
            return v.changed(value, optional=False, name=ROW)
        if value.kind is Kind.CONTAINER:
            if value.name == "dict" or value.name.endswith("Dict"):
                return v.PY_STR if value.fields else v.UNKNOWN
            return value.element if value.element is not None else v.UNKNOWN
        if value.kind is Kind.MODULE:
            return value.element if value.element is not None else v.UNKNOWN
        if value.kind in (Kind.NDARRAY, Kind.HOST):
            return value
        if v.python_type(value) == "str":
            return v.PY_STR
        return v.UNKNOWN

    def global_value(self, module: ModuleInfo, name: str) -> Value:
        """A module-level name's value; UNKNOWN while it is being computed."""
        cache_key = (module, name)
        known = self._globals.get(cache_key)
        if known is None:
            self._globals[cache_key] = v.UNKNOWN
            found = self.world.project.find(module, name)
            known = (global_builtin(name) or v.UNKNOWN) if found is None else self.symbol_value(found)
            self._globals[cache_key] = known
        return known

    def symbol_value(self, found: Found) -> Value:
        """The value of what a name was found to mean."""
        symbol = found.symbol
        if isinstance(symbol, FunctionInfo):
            return Value(Kind.FUNCTION, name=symbol.full_name, target=Code(symbol))
        if isinstance(symbol, ClassInfo):
            return self.world.class_value(symbol)
        if isinstance(symbol, ModuleInfo):
            return Value(Kind.PYTHON, name=symbol.name, target=symbol)
        if isinstance(symbol, External):
            return external(symbol.name)
        if found.module is None:
            return v.UNKNOWN
        return self.assigned(symbol, found.module)

    def assigned(self, assignment: Assignment, module: ModuleInfo) -> Value:
        """The value of a module- or class-level assignment."""
        if assignment.value is None:
            return self.annotations.value(assignment.annotation, module)
        if isinstance(assignment.value, ast.Constant):
            constant = assignment.value.value
            # A flag at module level may be set from outside; a number or a name is taken as it stands.
            return v.PY_BOOL if isinstance(constant, bool) else v.constant(constant)
        return self.detached(module, assignment.value)

    def detached(self, module: ModuleInfo, node: ast.expr, env: dict[str, Value] | None = None) -> Value:
        """An expression evaluated outside any traced function."""
        info = FunctionInfo(module, ast.Lambda(args=NO_ARGUMENTS, body=node), "<module>")
        frame = Frame(self, info, dict(env or {}), traced=False, depth=MAX_DEPTH - UNTRACED_DEPTH, reach=STOP)
        nesting = self.nesting
        try:
            return frame.eval(node)
        except RecursionError:
            self.nesting = nesting
            return v.UNKNOWN

    # Functions -----------------------------------------------------------------------------------------------

    def call_code(
        self, frame: Frame, code: Code, args: Sequence[Value] | Arguments, node: ast.Call | None = None
    ) -> Value:
        """The value of calling a function of the project, its wrapping decorators included."""
        arguments = args if isinstance(args, Arguments) else Arguments.of(args)
        if code.bound is not None:
            held, named = code.bound
            arguments = arguments.having(
                [*held, *arguments.positional], {**dict(named), **arguments.keywords}
            )
        if code.receiver is not None:
            arguments = arguments.having([code.receiver, *arguments.positional])
        if not frame.traced and self.objects.inherit(frame, code):
            return v.NONE
        if not frame.traced or code.env is not None or not code.info.decorators:
            return self.run(frame, code, arguments)
        value = self.run(frame, code, self.handed_on(code.info, arguments))
        self.wrapped(frame, code, arguments, value)
        return value

    def handed_on(self, info: FunctionInfo, arguments: Arguments) -> Arguments:
        """What a function is called with by the wrappers around it."""
        for wrapper in self.wrappers(info):
            if wrapper.names_parameters:
                arguments = wrapper.handed_on(self.entry(wrapper.inner, arguments, True)) or arguments
        return arguments

    def wrapped(self, frame: Frame, code: Code, arguments: Arguments, value: Value) -> None:
        """Go through the wrappers around a function, for what they do themselves; the function has given `value`."""
        for wrapper in self.wrappers(code.info):
            here = wrapper.inner.module is self.focus
            if not self.may_visit(wrapper.inner, MAX_VISITS if here else 1):
                continue
            inner = Value(Kind.FUNCTION, name="", target=Answered(value))
            target = Code(wrapper.inner, {**wrapper.env(self), wrapper.parameter: inner}, None, None)
            if here:
                self.run(frame, target, arguments)
            else:
                self._tell(frame, target, arguments)

    def _tell(self, frame: Frame, code: Code, arguments: Arguments) -> None:
        """Count a call of another file's function without going through it."""
        info = code.info
        env = self._general(info, self.entry(info, arguments, True))
        told = context_of(info, env, code.env, self._reached(frame, info))
        if told is not None:
            self._lead({told.key: told})

    def may_visit(self, info: FunctionInfo, most: int) -> bool:
        """Whether one more going-through is left to a function that many places share; counts it."""
        visits = self.visits.get(info, 0)
        self.visits[info] = visits + 1
        return visits < most

    def wrappers(self, info: FunctionInfo) -> tuple[Wrapper, ...]:
        """What decorators of the project put around a function, the outermost first."""
        if not info.decorators:
            return ()
        if info not in self._wrappers:
            self._wrappers[info] = wrappers_of(self, info)
        return self._wrappers[info]

    def run(self, frame: Frame, code: Code, arguments: Arguments) -> Value:
        """The value of a function's body for some arguments, memoised by what matters in them."""
        info = code.info
        node = info.node
        if not frame.traced and not isinstance(node, ast.Lambda):
            near = info.module is frame.module
            if frame.depth + (0 if near else 2) >= MAX_DEPTH:
                return self.declared_return(info)
        return self.enter(frame, code, self.entry(info, arguments, frame.traced))

    def enter(
        self, frame: Frame | None, code: Code, env: dict[str, Value], reach: Reach | None = None
    ) -> Value:
        """Interpret a function with its parameters bound, or recall how that went."""
        info = code.info
        traced = frame.traced if frame is not None else True
        depth = frame.depth + 1 if frame is not None else 0
        here = info.module is self.focus
        if not here and frame is not None and info.module is not frame.module:
            env = self._general(info, env)
        outer = reach if frame is None else frame.record.reach
        assert outer is not None
        context: Hashable = (
            (traced, outer.assumed),
            tuple(env),
            tuple([value.known_key or v.key(value) for value in env.values()]),
            self._closure_key(info, code.env) if code.env else None,
        )
        tables = self._untraced if not traced else self.memo if here else self._elsewhere
        memo = tables.get(info)
        if memo is None:
            memo = tables[info] = Memo()
        asked = memo if traced and here else self.asked.get((traced, info))
        if asked is None:
            asked = self.asked[traced, info] = Memo()
        known = asked.outcomes.get(context)
        if known is None and asked is not memo:
            other = memo.outcomes.get(context)
            if other is not None and (traced or other.depth <= depth):
                known = other.seen_from(tuple(env.values()), reach or self._reached(frame, info))
                asked.add(context, known)
        if known is not None and (traced or known.depth <= depth):
            self._lead(known.leaving)
            return known.value
        if context in memo.running or depth > MAX_DEPTH:
            return self.declared_return(info)
        reach = reach or self._reached(frame, info)
        if known is None:
            agreed = (
                asked.settled is not None
                and not here
                and len(asked.outcomes) >= AGREEING[traced]
                and not self._inherited(frame, info, env)
            )
            if asked.settled is not None and agreed and self._only_answers(info, traced):
                if traced and len(asked.outcomes) < MAX_CONTEXTS:
                    told = context_of(info, env, code.env, reach)
                    settled = Outcome(
                        asked.settled,
                        depth,
                        {} if told is None else {told.key: told},
                        tuple(env.values()),
                        reach,
                    )
                    self._lead(settled.leaving)
                    asked.add(context, settled)
                return asked.settled  # so it is, whatever it is called with
            added = len(asked.outcomes)
            if (
                added >= MAX_CONTEXTS
                and added >= self._most_contexts(info)
                and not (frame is None or self._inherited(frame, info, env))
            ):
                return asked.settled if asked.settled is not None else self.declared_return(info)
        memo.running.append(context)
        inner = Frame(
            self,
            info,
            dict(env),
            traced=traced,
            depth=depth,
            reach=reach,
            closure=code.env,
            self_value=self._self_of(info, env),
            found_in=code.found_in or info.owner,
        )
        led_to: dict[tuple[str, str], Context] = {}
        self.gathering.append(led_to)
        nesting = self.nesting
        try:
            value = inner.run()
        except RecursionError:
            self.nesting = nesting
            value = v.UNKNOWN
        finally:
            memo.running.pop()
            self.gathering.pop()
        if (value.kind is Kind.UNKNOWN and not value.alts) or (value.kind is Kind.TENSOR and value.assumed):
            declared = self.declared_return(info)
            if declared.kind is not Kind.UNKNOWN or declared.alts:
                value = declared
        elif value.kind is Kind.CONTAINER:
            value = refined(value, self.declared_return(info))
        keep = traced and here
        if keep:
            self.records.setdefault(info, []).append(inner.record)
        if traced:
            leaving = context_of(info, env, code.env, reach)
            if leaving is not None:
                if not keep:
                    led_to.setdefault(leaving.key, leaving)
                elif not reach.assumed:
                    self.seen.add(leaving.digest)
        self._lead(led_to)
        outcome = Outcome(value, depth, led_to, tuple(env.values()), reach)
        memo.add(context, outcome)
        if asked is not memo:
            asked.add(context, outcome)
        return value

    def _lead(self, leaving: dict[tuple[str, str], Context]) -> None:
        """Count calls into other files for what is under way."""
        if leaving:
            gathered = self.gathering[-1]
            for key, each in leaving.items():
                gathered.setdefault(key, each)

    @staticmethod
    def received(context: Hashable, name: str) -> bool:
        """Whether a context's first argument may be an object of the class of this full name."""
        assert isinstance(context, tuple)  # as `enter` makes it
        arguments = context[2]
        if not arguments:
            return False
        own = arguments[0]
        return own[1] == name or any(alt[1] == name for alt in own[-1])

    def _general(self, info: FunctionInfo, env: dict[str, Value]) -> dict[str, Value]:
        """Arguments as another file's function sees them: of this file's own objects only that they are objects.

        The same helper then is one context for all the files that call it.
        """
        return {name: self._general_value(info, name, value) for name, value in env.items()}

    def _general_value(self, info: FunctionInfo, name: str, value: Value) -> Value:
        if value.kind is Kind.MODULE or (value.kind is Kind.PYTHON and isinstance(value.target, ClassInfo)):
            if info.owner is not None and first_parameter(info.node) == name:
                return value
            if isinstance(value.target, ClassInfo) and value.target.module is not info.module:
                return SOME[value.kind, value.optional]
        return value

    def _closure_key(self, info: FunctionInfo, env: dict[str, Value]) -> Hashable:
        used = free_names(info.node)
        return tuple([(name, v.key(value)) for name, value in env.items() if name in used])

    def _only_answers(self, info: FunctionInfo, traced: bool) -> bool:
        """Whether what a function returns is all that a call of it changes."""
        return info.owner is None or (traced and not self.objects.keeps_argument(info))

    def _most_contexts(self, info: FunctionInfo) -> int:
        if "<locals>" in info.qualname:
            return 4 * MAX_CONTEXTS
        if info.owner is not None and self.objects.keeps_argument(info):
            return 16 * MAX_CONTEXTS  # what it leaves on each object counts, not what it returns
        return MAX_CONTEXTS

    def _reached(self, frame: Frame | None, info: FunctionInfo) -> Reach:
        assert frame is not None
        outer = frame.record.reach
        if not frame.traced or outer.chain[-1:] == (info.symbol,):
            return outer
        return Reach(outer.root, (*outer.chain, info.symbol), outer.reasons, outer.assumed)

    def _inherited(self, frame: Frame | None, info: FunctionInfo, env: dict[str, Value]) -> bool:
        """Whether a class of the file in focus inherits a method that inherited code calls: it may lead to what it overrides."""
        if frame is not None and frame.module is self.focus:
            return False
        own = self._self_of(info, env)
        return own is not None and isinstance(own.target, ClassInfo) and own.target.module is self.focus

    def _self_of(self, info: FunctionInfo, env: dict[str, Value]) -> Value | None:
        return None if info.owner is None else env.get(first_parameter(info.node))

    def parameters(self, info: FunctionInfo) -> Parameters:
        """The parameters of a function."""
        known = self._parameters.get(info)
        if known is None:
            known = self._parameters[info] = Parameters(self, info)
        return known

    def entry(self, info: FunctionInfo, arguments: Arguments, traced: bool) -> dict[str, Value]:
        """The parameters' values on entry."""
        return self.parameters(info).entry(self, arguments, traced)

    def default_value(self, module: ModuleInfo, node: ast.expr) -> Value:
        """The value of a parameter that the caller left out."""
        known = self._defaults.get(node)
        if known is None:
            known = self._defaults[node] = self.detached(module, node)
        return known

    def declared_return(self, info: FunctionInfo) -> Value:
        """What a function's return annotation promises."""
        if isinstance(info.node, ast.Lambda):
            return v.UNKNOWN
        return self.annotations.value(info.node.returns, info.module)

    def local_function(
        self, frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef, name: str
    ) -> FunctionInfo:
        """The one FunctionInfo of a nested function."""
        return self.nested(frame.module, node, f"{frame.info.qualname}.<locals>.{name}")

    def nested(
        self, module: ModuleInfo, node: ast.FunctionDef | ast.AsyncFunctionDef, qualname: str
    ) -> FunctionInfo:
        """The one FunctionInfo of a function defined inside another."""
        known = self._local.get(node)
        if not isinstance(known, FunctionInfo):
            known = self._local[node] = FunctionInfo(module, node, qualname)
        return known

    def local_class(self, frame: Frame, node: ast.ClassDef) -> Value:
        """The value of a class defined inside a function."""
        known = self._local.get(node)
        if not isinstance(known, ClassInfo):
            known = ClassInfo(frame.module, node, f"{frame.info.qualname}.<locals>.{node.name}")
            self._local[node] = known
        return self.world.class_value(known)

    def call(
        self, frame: Frame, function: Value, arguments: Arguments, node: ast.Call | None = None
    ) -> Value:
        """The value of calling any value."""
        return call_value(frame, function, arguments, node)


NO_ARGUMENTS = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])

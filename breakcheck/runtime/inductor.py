"""What Inductor could not generate code for: calls to aten ops on complex numbers in the code it wrote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from breakcheck.runtime.events import parse_stack
from breakcheck.runtime.observation import FallbackSite, Frame
from breakcheck.runtime.places import below_engine, innermost_user, owner_of, qualified_function, source_line
from breakcheck.runtime.trace import Event, Op

_CALL = re.compile(r"torch\.ops\.aten\.([\w.]+)\(")
_SOURCES = re.compile(r"Source [nN]odes: \[([^\]]*)\], Original ATen: \[([^\]]*)\]")
# aten calls in generated code that only name storage or are Inductor's own helpers.
_HARMLESS = re.compile(r"^(set_|_assert|sym_|reinterpret|lift_fresh|empty|as_strided|detach)")
_COMPLEX_OPS = re.compile(r"complex|polar|_fft|view_as_real|angle|conj")


def fallbacks(events: Sequence[Event]) -> tuple[FallbackSite, ...]:
    """One site per user line whose ops Inductor calls out for on complex tensors, in order of appearance.

    Inductor warns once per process and not on cache hits, so the generated code is what is read; the place comes
    from the names of the source nodes in its comments, looked up in the captured graph.
    """
    ops_of = {event.frame: {op.name: op for op in event.ops} for event in events if event.kind == "graph"}
    found: dict[tuple[str, int, str], FallbackSite] = {}
    for event in events:
        if event.kind != "code":
            continue
        for op_name, sources in _calls(event.text):
            named = ops_of.get(event.frame, {})
            ops = [named[name] for name in sources if name in named]
            if not (_COMPLEX_OPS.search(op_name) or any(op.is_complex for op in ops)):
                continue
            ops = [op for op in ops if op.is_complex] or ops or _guess(op_name, named)
            site = _site(op_name, ops)
            key = (site.path, site.line, site.op)
            old = found.get(key)
            found[key] = replace(old, count=old.count + 1) if old else site
    return tuple(found.values())


def _calls(code: str) -> list[tuple[str, list[str]]]:
    """(aten op, names of its source nodes) for every call to an aten op in generated code."""
    calls = []
    sources: list[str] = []
    for line in code.splitlines():
        comment = _SOURCES.search(line)
        if comment:
            sources = [name.strip() for name in comment[1].split(",") if name.strip()]
        match = None if line.lstrip().startswith(("#", "assert")) else _CALL.search(line)
        if match and not _HARMLESS.match(match[1]):
            calls.append((match[1], sources))
    return calls


def _guess(op_name: str, named: dict[str, Op]) -> list[Op]:
    """Nodes of the same name as the aten op, else all complex nodes: for code without source comments."""
    base = op_name.split(".")[0]
    return [op for op in named.values() if op.op == base] or [op for op in named.values() if op.is_complex]


def _site(op_name: str, ops: Sequence[Op]) -> FallbackSite:
    stack: tuple[Frame, ...] = ()
    place: Frame | None = None
    for op in ops:
        stack = below_engine(parse_stack(op.stack_trace))
        place = innermost_user(stack)
        if place is not None:
            break
    if place is None:
        return FallbackSite(f"aten.{op_name}", "", 0, "", "", "complex dtype", "torch")
    return FallbackSite(
        op=f"aten.{op_name}",
        path=place.path,
        line=place.line,
        function=qualified_function(place.path, place.line, place.function),
        source=place.source or source_line(place.path, place.line),
        reason="complex dtype",
        owner=owner_of(place.path),
        user_stack=stack,
    )

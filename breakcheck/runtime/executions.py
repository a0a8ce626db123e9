"""How often each break runs in one warm call: observed, never computed from the configuration.

A frame split at a break goes on in a resume function, so each entry of one made by the site's own frame is one
executed break; callers split too and would count twice. A site in a skipped frame counts each time its statement
runs, one in a comprehension for each element. The observer's own functions are marked for Dynamo to skip, so that watching adds no event.
"""

from __future__ import annotations

import dis
import re
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from breakcheck.runtime.observation import BreakKind, BreakSite
from breakcheck.runtime.places import is_foreign, plain_name, statement_range

_RESUME = re.compile(r"^torch_dynamo_resume_in_(?P<name>.+)_at_(?P<line>\d+)$")
_COMPREHENSIONS = (
    "<listcomp>",
    "<setcomp>",
    "<dictcomp>",
    "<genexpr>",
)  # before 3.12 each is code of its own
_FOR_ITER, _CACHE = dis.opmap["FOR_ITER"], dis.opmap.get("CACHE", -1)
TraceFunction = Callable[[types.FrameType, str, Any], Any]


class Counts:
    """Entries of resume functions by (path, function, line) and of code by (path, name); runs of statements, by (path,
    function, first line)."""

    def __init__(self) -> None:
        self.resumed: Counter[tuple[str, str, int]] = Counter()
        self.entered: Counter[tuple[str, str]] = Counter()
        self.statements: Counter[tuple[str, str, int]] = Counter()


def _entry_offset(code: types.CodeType, first: int, last: int) -> int | None:
    """Offset of the first instruction of a statement in a code object, None when it has none."""
    offsets = [start for start, _end, line in code.co_lines() if line is not None and first <= line <= last]
    return min(offsets) if offsets else None


def _element_offset(code: types.CodeType, first: int, last: int) -> int | None:
    """Offset of what a comprehension that starts in these lines does first for each element."""
    # Read by hand: this runs under Dynamo's eye, and functions of `dis` would be compiled.
    found = None
    if first <= code.co_firstlineno <= last:
        for offset in range(0, len(code.co_code) - 2, 2):
            if code.co_code[offset] == _FOR_ITER:
                found = offset + 2
                while code.co_code[found] == _CACHE:
                    found += 2
    return found


@contextmanager
def counting(sites: Sequence[BreakSite]) -> Iterator[Counts]:
    """Counts for what runs inside the block; the user's own profile and trace functions are put back after."""
    from torch._dynamo.eval_frame import skip_code

    counts = Counts()
    watched: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for site in sites:
        if site.kind is BreakKind.FRAME_SKIPPED:
            name = plain_name(site.function)
            watched.setdefault((site.path, name), []).append(statement_range(site.path, site.line))

    # By identity: code that Dynamo wrote may hold a dict among its constants and then has no hash. Kept alive here.
    known: dict[tuple[int, int, int], tuple[types.CodeType, int | None]] = {}

    def offset_of(code: types.CodeType, first: int, last: int) -> int | None:
        key = (id(code), first, last)
        if key not in known:
            element = code.co_name in _COMPREHENSIONS
            known[key] = (
                code,
                _element_offset(code, first, last) if element else _entry_offset(code, first, last),
            )
        return known[key][1]

    def on_line(frame: types.FrameType, event: str, argument: object) -> TraceFunction:
        code = frame.f_code
        if event == ("opcode" if code.co_name in _COMPREHENSIONS else "line"):
            for first, last in watched_in(code):
                if frame.f_lasti == offset_of(code, first, last):
                    counts.statements[(code.co_filename, plain_name(code.co_name), first)] += 1
        return on_line

    def watched_in(code: types.CodeType) -> list[tuple[int, int]]:
        # A skipped frame may itself be the rest of a split one: a resume function that runs eagerly.
        return watched.get((code.co_filename, plain_name(code.co_name)), [])

    def on_call(frame: types.FrameType, event: str, argument: object) -> TraceFunction | None:
        code = frame.f_code
        counts.entered[(code.co_filename, code.co_name)] += 1
        match = _RESUME.match(code.co_name)
        if match:
            counts.resumed[(code.co_filename, plain_name(code.co_name), int(match["line"]))] += 1
        if not watched or not watched_in(code):
            return None
        frame.f_trace_opcodes = code.co_name in _COMPREHENSIONS
        return on_line

    own: list[Any] = [on_line, on_call, watched_in, offset_of, plain_name, _entry_offset, _element_offset]
    for function in own:
        skip_code(function.__code__)
    before = sys.gettrace()
    sys.settrace(on_call)
    try:
        yield counts
    finally:
        sys.settrace(before)


Pieces = Mapping[tuple[object, ...], set[tuple[str, str]]]


def with_executions(sites: Sequence[BreakSite], counts: Counts, pieces: Pieces) -> tuple[BreakSite, ...]:
    """The sites with `executions_per_call` filled in from one counted warm call.

    pieces: code that ends at a site for good (`return x.item()` leaves nothing to resume): its entries count then.
    """
    return tuple(replace(site, executions_per_call=_executions(site, counts, pieces)) for site in sites)


def _executions(site: BreakSite, counts: Counts, pieces: Pieces) -> int:
    if site.kind is BreakKind.FRAME_SKIPPED:
        first = statement_range(site.path, site.line)[0]
        return counts.statements[(site.path, plain_name(site.function), first)]
    ended = pieces.get((*site.key, site.line))
    if ended:
        return sum(counts.entered[piece] for piece in ended)
    # The innermost frame that was split counts: one that runs eagerly (a hook, a custom backward) has no resume
    # function of its own, its caller has.
    frames = [frame for frame in reversed(site.user_stack) if not is_foreign(frame.path)]
    for frame in frames:
        number = _entries(counts, frame.path, plain_name(frame.function), frame.line)
        if number:
            return number
    return _entries(counts, site.path, plain_name(site.function), site.line)


def _entries(counts: Counts, path: str, name: str, line: int) -> int:
    """Entries of resume functions made by one frame at one line, or at another line of the same statement."""
    exact = counts.resumed[(path, name, line)]
    if exact:
        return exact
    first, last = statement_range(path, line)
    return sum(
        number
        for (other, function, at), number in counts.resumed.items()
        if other == path and function == name and first <= at <= last
    )

"""Where an exception out of a compiled call belongs in the user's code."""

from __future__ import annotations

import traceback

from breakcheck.runtime.events import gb_id_of, parse_stack, user_stack_of
from breakcheck.runtime.observation import CallError, Frame
from breakcheck.runtime.places import (
    below_engine,
    innermost_user,
    owner_of,
    plain_name,
    qualified_function,
    source_line,
)
from breakcheck.runtime.trace import without_addresses


def call_error(error: BaseException, call: int, phase: str) -> CallError:
    """The error at the innermost user frame that it, its cause or its text names."""
    stack = _best_stack(error)
    place = innermost_user(stack) or Frame("", 0, "")
    text = without_addresses(str(error))
    return CallError(
        type=type(error).__qualname__,
        message=text.strip().split("\n\nfrom user code", 1)[0].split("\n\nSet TORCH", 1)[0].strip(),
        path=place.path,
        line=place.line,
        function=qualified_function(place.path, place.line, place.function) if place.path else "",
        source=place.source or (source_line(place.path, place.line) if place.path else ""),
        call=call,
        owner=owner_of(place.path) if place.path else "torch",
        gb_id=gb_id_of(text),
        user_stack=stack,
        phase=phase,
    )


def _best_stack(error: BaseException) -> tuple[Frame, ...]:
    """The user stack Dynamo attached, else the one its text holds, else the Python traceback."""
    seen: BaseException | None = error
    while seen is not None:
        real = getattr(seen, "real_stack", None)
        if real:
            frames = tuple(
                Frame(f.filename, f.lineno or 0, plain_name(f.name), source_line(f.filename, f.lineno or 0))
                for f in real
            )
            if innermost_user(below_engine(frames)) is not None:
                return below_engine(frames)
        seen = seen.__cause__ or seen.__context__
    for text in (str(error), *(getattr(error, "__notes__", None) or ())):
        frames = below_engine(user_stack_of(text) or parse_stack(text))
        if innermost_user(frames) is not None:
            return frames
    frames = tuple(
        Frame(f.filename, f.lineno or 0, plain_name(f.name), (f.line or "").strip())
        for f in traceback.extract_tb(error.__traceback__)
    )
    return below_engine(frames)

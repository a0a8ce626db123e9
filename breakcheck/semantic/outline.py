"""Where the functions and classes of a file stand, found without parsing it.

Of a library's file a few functions are asked for, and a syntax tree takes thirty times its text. So the text is cut
at the lines that begin a definition. What no cut can be trusted for (a line that only looks like a definition, inside
a string) is told by quotes that do not pair up, or by a piece that does not parse: then the whole is parsed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
INDENT = "    "
# A line that begins a statement, at the margin or in a class: no comment, and no bracket that closes an earlier one.
_STATEMENT = {False: re.compile(r"\n[^\s#)\]}]"), True: re.compile(rf"\n{INDENT}[^\s#)\]}}]")}
_DEFINITION = re.compile(r"(?:async[ \t]+def|def|class)[ \t]+(\w+)")
_OTHER_INDENT = re.compile(r"\n(?: {1,3}|\t)\S")
# An attribute of `self` that may be assigned: at the start of a statement, or one of several targets.
_ATTRIBUTE = r"self[\s\\)]*\.\s*\w+[\s\\)]*"
_STORE = re.compile(rf"[\n;:=]\s*{_ATTRIBUTE}(?:[\[:]|=(?!=))|[(,*]\s*{_ATTRIBUTE}=(?!=)")
_FIRST_PARAMETER = re.compile(r"\bdef\s+\w+\s*\(\s*(\w*)")


@dataclass(frozen=True)
class Written:
    """A definition by its place: characters `first` to `last` of the file, from its first decorator on, at `line`.

    in_class: it stands in a class, a step to the right.
    """

    name: str
    is_class: bool
    first: int
    last: int
    line: int
    in_class: bool

    def parse(self, source: str) -> ast.stmt:
        """The definition as the whole file's tree has it. Raises SyntaxError where the cut is not one statement."""
        text = source[self.first : self.last]
        head = "\n" * (self.line - 2) + "if 1:\n" if self.in_class else "\n" * (self.line - 1)
        body = ast.parse(head + text).body
        if self.in_class and isinstance(body[0], ast.If):
            body = body[0].body
        if len(body) != 1 or getattr(body[0], "name", "") != self.name:
            raise SyntaxError(f"no definition of {self.name} at line {self.line}")
        return body[0]

    def decorated(self, source: str) -> bool:
        """Whether decorators stand before the definition."""
        return source[self.first + len(INDENT) * self.in_class] == "@"

    def may_store(self, source: str) -> bool:
        """Whether a method may assign an attribute of its object."""
        first = _FIRST_PARAMETER.search(source, self.first, self.last)
        return first is None or first[1] != "self" or _STORE.search(source, self.first, self.last) is not None


def definitions_in(source: str, first: int, last: int, line: int, in_class: bool) -> list[Written] | None:
    """The definitions at the margin of a text, or in the class written there; None where the cuts cannot be trusted.

    first, last, line: the characters and the first line of the text in its file.
    """
    if in_class and _OTHER_INDENT.search(source, first, last):
        return None
    width = len(INDENT) if in_class else 0
    starts = [found.start() + 1 for found in _STATEMENT[in_class].finditer(source, first, last)]
    if not in_class and last > first and not source[first].isspace():
        starts.insert(0, first)
    if not starts:
        return []
    found: list[Written] = []
    decorated = -1  # where the decorators of the next definition begin
    used = [quotes for quotes in ('"""', "'''") if source.find(quotes, first, last) >= 0]
    odd = False  # inside a string over several lines
    at, at_line = first, line
    for start, end in zip(starts, [*starts[1:], last], strict=True):
        begins = source[start + width]
        definition = _DEFINITION.match(source, start + width) if begins in "adc@" else None
        if odd and (definition or begins == "@"):
            return None  # in the string, or the string's end was not seen
        if not odd and (definition or begins == "@"):
            if decorated < 0:
                decorated = start
            if definition:
                at_line += source.count("\n", at, decorated)
                at = decorated
                is_class = source.startswith("class", start + width)
                found.append(Written(definition[1], is_class, decorated, end, at_line, in_class))
                decorated = -1
        elif not odd and decorated >= 0:
            return None  # a decorator of something else
        elif odd and found and decorated < 0:
            found[-1] = _longer(found[-1], start, end)
        odd ^= sum([source.count(quotes, start, end) for quotes in used]) % 2 == 1
    return None if odd or decorated >= 0 else found


def _longer(written: Written, start: int, end: int) -> Written:
    """A definition with the text from `start` to `end` too, where that goes on with a string of its own."""
    if written.last != start:
        return written
    return Written(written.name, written.is_class, written.first, end, written.line, written.in_class)


def without(source: str, first: int, last: int, line: int, cut_out: Iterable[Written]) -> str:
    """The text from line `line` on, at its own lines, with definitions cut out of it; in a class, `pass` stays there."""
    parts = ["\n" * (line - 1)]
    at = first
    for written in cut_out:
        parts.append(source[at : written.first])
        if written.in_class:
            parts.append(f"{INDENT}pass")
        parts.append("\n" * source.count("\n", written.first, written.last))
        at = written.last
    parts.append(source[at:last])
    return "".join(parts)

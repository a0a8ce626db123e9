"""Suppression comments: `# breakcheck: ignore[BC101] reason` on a line, `# breakcheck: ignore-file[...]` in a file."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass

# One or more codes or names; the empty brackets and the bare form mean every rule.
_COMMENT = re.compile(
    r"#\s*breakcheck:\s*(?P<verb>ignore-file|ignore)\b(?:\s*\[(?P<codes>[^\]]*)\])?\s*(?P<reason>[^#]*)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Suppression:
    """One comment: the lines it speaks for, the codes or names (empty: all), and the reason given."""

    first_line: int
    last_line: int
    codes: tuple[str, ...]
    reason: str
    whole_file: bool = False

    def covers(self, code: str, name: str, first_line: int, last_line: int) -> bool:
        """Whether a finding of a rule that spans first_line..last_line is suppressed."""
        if self.codes and not {code, name} & set(self.codes):
            return False
        return self.whole_file or (first_line <= self.last_line and self.first_line <= last_line)


def suppressions(source: str) -> tuple[Suppression, ...]:
    """The suppression comments of a file's text.

    A comment speaks for the logical line it ends or stands in, so that it may follow any line of a statement that
    spans several; on a line of its own it speaks for the next logical line.
    """
    if "breakcheck:" not in source:
        return ()
    found: list[Suppression] = []
    pending: list[re.Match[str]] = []
    first_line = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                match = _COMMENT.search(token.string)
                if match is None:
                    continue
                if match["verb"].lower() == "ignore-file":
                    found.append(_make(match, 0, 0, whole_file=True))
                else:
                    pending.append(match)
            elif token.type == tokenize.NEWLINE:
                span = (first_line or token.start[0], token.end[0])
                found += [_make(match, *span) for match in pending]
                pending, first_line = [], 0
            elif token.type not in _LAYOUT and not first_line:
                first_line = token.start[0]
    except (tokenize.TokenError, IndentationError, SyntaxError):
        # The parser reports the file; what was read up to here still counts.
        pass
    return tuple(found)


_LAYOUT = {tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER}


def _make(match: re.Match[str], first: int, last: int, *, whole_file: bool = False) -> Suppression:
    codes = tuple(code.strip() for code in (match["codes"] or "").split(",") if code.strip())
    codes = tuple(code.upper() if re.fullmatch(r"(?i)bc\d+", code) else code for code in codes)
    return Suppression(first, last, codes, match["reason"].strip(), whole_file)


def is_suppressed(
    comments: Iterable[Suppression], code: str, name: str, first_line: int, last_line: int
) -> bool:
    """Whether any comment covers a finding."""
    return any(comment.covers(code, name, first_line, last_line) for comment in comments)

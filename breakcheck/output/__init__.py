"""Findings in, text out: one function a format. A new format is one function and its line in `FORMATS`."""

from __future__ import annotations

from collections.abc import Callable

from breakcheck.output.ci import github, gitlab, junit
from breakcheck.output.data import json_lines, json_text, sarif
from breakcheck.output.text import concise, full, markdown
from breakcheck.result import LintResult

Format = Callable[[LintResult], str]

FORMATS: dict[str, Format] = {
    "full": full,
    "concise": concise,
    "json": json_text,
    "json-lines": json_lines,
    "sarif": sarif,
    "github": github,
    "gitlab": gitlab,
    "junit": junit,
    "markdown": markdown,
}

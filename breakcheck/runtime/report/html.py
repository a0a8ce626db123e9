"""One self-contained HTML page: no script, no font, no image, nothing fetched; all text escaped by the template."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from breakcheck._version import __version__
from breakcheck.runtime.report.page import matched, target_page
from breakcheck.runtime.report.taking import Reports, as_reports, hidden_lines, shown_path, visible

_TEMPLATES = Path(__file__).parent / "templates"


def render_html(report: Reports, *, baseline: Reports | None = None) -> str:
    """The page of one or several reports. baseline: earlier reports, to show the change against."""
    reports = as_reports(report)
    earlier = as_reports(baseline) if baseline is not None else []
    pages = [target_page(one, before) for one, before in matched(reports, earlier)]
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    template = _environment().get_template("report.html.j2")
    return template.render(pages=pages, style=Markup(style), version=__version__)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if isinstance(value, Markup) else visible(value),
    )
    environment.filters["code"] = marked_code
    environment.filters["cut"] = cut
    environment.filters["hidden_lines"] = hidden_lines
    environment.filters["shown"] = shown_path
    return environment


def marked_code(text: object) -> Markup:
    """The text escaped, with `...` as code."""
    parts = re.split(r"`([^`]+)`", visible(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )


def cut(text: object, limit: int = 600) -> str:
    """The text up to a limit."""
    shown = str(text)
    return shown if len(shown) <= limit else shown[:limit] + " …"

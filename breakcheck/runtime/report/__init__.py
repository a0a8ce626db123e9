"""Reports of `check` for people and for CI: reports in, text out, one function a format; the terminal's is beside it."""

from breakcheck.runtime.report.github import render_github
from breakcheck.runtime.report.html import render_html
from breakcheck.runtime.report.junit import render_junit
from breakcheck.runtime.report.markdown import render_markdown
from breakcheck.runtime.report.taking import Reports, as_reports

__all__ = ["Reports", "as_reports", "render_github", "render_html", "render_junit", "render_markdown"]

"""The page: everything shown, nothing executed, nothing fetched."""

from __future__ import annotations

import copy
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from breakcheck.runtime.report import render_html
from breakcheck.runtime.report_data import Report

ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "header", "div", "b", "span", "nav", "a", "main", "section", "h1",
    "h2", "p", "small", "code", "i", "article", "pre", "details", "summary", "ol", "ul", "li", "figure", "svg", "text",
    "line", "circle", "rect", "figcaption", "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd",
}  # fmt: skip


class Page(HTMLParser):
    """Tags, attributes and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.mismatched: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "line", "circle", "rect", "br", "link", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("line", "circle", "rect"):
            return
        if not self.open or self.open.pop() != tag:
            self.mismatched.append(tag)

    def of(self, tag: str, kind: str = "") -> list[dict[str, str | None]]:
        return [a for t, a in self.tags if t == tag and kind in [*(a.get("class") or "").split(), ""]]


def test_no_text_of_the_source_becomes_markup(hostile: dict[str, Any]) -> None:
    page = Page(render_html(hostile))
    assert {tag for tag, _attributes in page.tags} <= ALLOWED
    assert page.open == []
    assert page.mismatched == []
    assert not [name for _tag, attributes in page.tags for name in attributes if name.startswith("on")]


def test_the_page_fetches_nothing(hostile: dict[str, Any]) -> None:
    text = render_html(hostile)
    page = Page(text)
    for tag, attributes in page.tags:
        assert tag not in ("script", "link", "img", "iframe", "object", "embed", "base", "form")
        assert not {"src", "srcset", "data", "action", "background"} & set(attributes)
        assert (attributes.get("href") or "#").startswith("#")
    style = re.search(r"<style>(.*?)</style>", text, re.S)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    assert "default-src 'none'; style-src 'unsafe-inline'" in text


def test_characters_that_hide_the_source_are_written_out(hostile: dict[str, Any]) -> None:
    text = render_html(hostile)
    assert "\u202e" not in text
    assert "&lt;U+202E&gt;" in text


def test_each_line_tells_its_graphs_and_what_became_of_it(hostile: dict[str, Any]) -> None:
    text = render_html(hostile)
    lines = dict(re.findall(r'<div class="ln (\w*)"[^>]*><span class="lno">(\d+)</span>', text)[::-1])
    states = {
        int(n): state
        for state, n in re.findall(r'<div class="ln (\w*)"[^>]*><span class="lno">(\d+)</span>', text)
    }
    assert lines
    assert states == {5: "broke", 6: "broke", 7: "broke", 8: "hidden", 9: "broke", 10: "fallback"}
    gutter = re.search(r'<span class="lno">6</span><span class="lanes-cell">(.*?)</span></span>', text)
    assert gutter is not None
    assert re.findall(r'class="lane-mark g(\d)">(\d)<', gutter[1] + "<") == [
        ("0", "1"),
        ("1", "2"),
        ("2", "3"),
    ]


def test_a_break_that_hides_others_comes_first_and_what_counts_for_nothing_last(
    hostile: dict[str, Any],
) -> None:
    text = render_html(hostile)
    cards = re.findall(r'<article class="card ([\w -]*)" id="t1-c(\d+)">', text)
    assert [kind for kind, _n in cards] == [
        "frame-skipped",
        "graph-break",
        "recompile-limit",
        "fallback",
        "graph-break free",
    ]
    assert text.count(">fix first<") == 1
    assert "lines 5-10 ran eagerly and were never analysed" in text


def test_a_card_says_who_saw_it_what_was_skipped_elsewhere_and_whether_its_waiver_holds(
    hostile: dict[str, Any],
) -> None:
    text = "</script><b>"
    first = hostile["verdicts"]["graph_breaks"]["sites"][0]
    first.update(
        ranks=["rank 0", text], hides=[3, 9], hides_file=text, hides_function=text,
        waiver={"reason": text, "until": "2999-01-01", "void": ""},
    )  # fmt: skip
    page = render_html(hostile)
    assert "seen by rank 0, &lt;/script&gt;&lt;b&gt;" in page
    assert "Waived until 2999-01-01: &lt;/script&gt;&lt;b&gt;" in page
    assert "lines 3-9 of <code>&lt;/script&gt;&lt;b&gt;</code>" in page
    assert text not in page
    first["waiver"]["void"] = "it gives no reason"
    assert "Its waiver does not hold: it gives no reason." in render_html(hostile)


def test_a_card_of_a_known_rule_shows_its_own_before_and_after(hostile: dict[str, Any]) -> None:
    first = hostile["verdicts"]["graph_breaks"]["sites"][0]
    first.update(rule="BC101", rule_name="tensor-item", fix="keep it a tensor")
    text = render_html(hostile)
    before, after = (
        re.search(r'<div class="pane before">(.*?)</pre>', text, re.S),
        re.search(r'<div class="pane after">(.*?)</pre>', text, re.S),
    )
    assert before is not None
    assert after is not None
    assert ".item()" in before[1]
    assert ".item()" not in after[1]
    assert "expect" not in before[1]


def test_graphs_recompiles_and_plots_are_drawn(hostile: dict[str, Any]) -> None:
    page = Page(render_html(hostile))
    assert len(page.of("span", "graph")) == 3
    assert len(page.of("span", "again")) == 1
    assert len(page.of("span", "gap")) == 1
    dots = [a["class"] for a in page.of("span", "dot")]
    assert dots.count("dot bad") == 2
    assert dots.count("dot ok") == 1
    assert len(page.of("circle", "eager")) == 3
    assert len(page.of("rect", "over")) == 1


def test_the_verdict_bar_shows_the_change_since_an_earlier_report(hostile: dict[str, Any]) -> None:
    earlier = copy.deepcopy(hostile)
    earlier["verdicts"]["graph_breaks"]["sites"].append(earlier["verdicts"]["graph_breaks"]["sites"][0])
    earlier["verdicts"]["fallbacks"]["sites"] = []
    earlier["verdicts"]["latency"]["ratio"] = 0.4
    text = render_html(hostile, baseline=earlier)
    assert '<span class="change better">3 → 2</span>' in text
    assert '<span class="change worse">0 → 1</span>' in text
    assert '<span class="change worse">r 0.40 → 0.50</span>' in text
    assert '<span class="change better">' not in render_html(hostile)


def test_reports_dicts_and_several_targets_give_one_page(hostile: dict[str, Any]) -> None:
    other = {**hostile, "target": "clean"}
    text = render_html([Report.from_dict(hostile), other])
    assert text == render_html({"version": 1, "reports": [hostile, other]})
    assert len(re.findall(r'<section class="target"', text)) == 2
    assert '<a class="fail" href="#t2">clean</a>' in text


def test_a_target_that_could_not_be_checked_says_why(hostile: dict[str, Any]) -> None:
    crashed = {"kind": "crash", "message": "SIGSEGV <b>", "stage": "compile", "file": "hostile.py", "line": 7}
    text = render_html({"target": "x", "verdicts": {}, "failure": crashed})
    assert "SIGSEGV &lt;b&gt;" in text
    assert "not checked to its end" in text


def test_a_source_that_is_gone_or_not_python_leaves_the_rest(hostile: dict[str, Any]) -> None:
    Path("hostile.py").write_text("def broken(:", encoding="utf-8")
    assert '<article class="card' in render_html(hostile)
    Path("hostile.py").unlink()
    assert "<h2>Source" not in render_html(hostile)


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (apt-get install chromium)")
def test_a_real_browser_shows_the_page_and_runs_nothing(hostile: dict[str, Any], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(render_html(hostile), encoding="utf-8")
    assert CHROMIUM is not None
    common = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1280,3000",
    ]  # fmt: skip
    shown = subprocess.run(
        [*common, "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=240, check=True
    ).stdout
    assert "<script" not in shown
    assert "<img" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    picture = tmp_path / "page.png"
    subprocess.run(
        [*common, f"--screenshot={picture}", page.as_uri()], capture_output=True, timeout=240, check=True
    )
    assert picture.stat().st_size > 50_000

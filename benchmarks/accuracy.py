"""Recall and precision of `breakcheck lint` on a truth file of real runs under Dynamo.

    python benchmarks/accuracy.py TRUTH.jsonl --root DIR [--root DIR ...] [--sites SITES.json] [--out FOLDER]

The protocol: the files that appear in `reached` are linted, one run per root, with the default settings and
`--target-torch 2.13`; findings whose effects contain `graph-break` count. Recall is over the sites visible in the
source ("token" or "typed"), raw and with copies (same function and source line) counted once. Precision is over
findings whose first line was traced: true when they overlap a break's statement or stand on a caller's line in a
break's user stack. Without a sites file the sites are derived from the breaks; all count as visible but those that can
only happen after an earlier break. With `--entries`, functions of the packages that the recorded programs called from outside
the roots are roots too: a library of functions has no `forward` of its own.
"""

from __future__ import annotations

import argparse
import ast
import collections
import itertools
import json
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tabulate import tabulate

from breakcheck.finding import Confidence, Effect, Finding
from breakcheck.linter import lint
from breakcheck.options import Options
from breakcheck.versions import Environment

MAX_SPAN = 5
VISIBLE = ("token", "typed")
Place = tuple[str, int]


@dataclass
class Site:
    """A distinct place where Dynamo broke."""

    file: str
    line: int
    statement: tuple[int, int]
    function: str
    source: str
    cause: str
    visible: str
    families: list[str]
    model_sites: list[Place] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass
class Truth:
    """A truth file: what was traced, what broke, and where callers of a break stood."""

    rows: list[dict[str, Any]]
    traced: dict[str, set[int]]
    broke: dict[str, set[int]]
    callers: dict[str, set[int]]
    suites: dict[str, set[str]]


class Sources:
    """Statement ranges of the files under the roots."""

    def __init__(self, roots: list[Path]) -> None:
        self.roots = roots
        self._ranges: dict[str, list[tuple[int, int]]] = {}
        self._lines: dict[str, list[str]] = {}

    def path(self, file: str) -> Path | None:
        for root in self.roots:
            if (root / file).is_file():
                return root / file
        return None

    def statement(self, file: str, line: int) -> tuple[int, int]:
        """First and last line of the statement on a line; of a compound statement, its head."""
        best = (line, line)
        size = 10**9
        for first, last in self._statements(file):
            if first <= line <= last and last - first < size:
                best, size = (first, last), last - first
        return best

    def line(self, file: str, line: int) -> str:
        self._statements(file)
        lines = self._lines.get(file, [])
        return lines[line - 1].strip() if line <= len(lines) else ""

    def function(self, file: str, line: int) -> str:
        """The qualified name of the innermost function on a line, "" outside all."""
        path = self.path(file)
        holders: list[tuple[ast.AST, str]] = (
            [] if path is None else [(ast.parse(path.read_text(encoding="utf-8")), "")]
        )
        best = ""
        while holders:
            holder, prefix = holders.pop()
            for node in ast.iter_child_nodes(holder):
                inner = prefix
                if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                    if not node.lineno <= line <= (node.end_lineno or 0):
                        continue
                    inner = f"{prefix}{node.name}."
                    if not isinstance(node, ast.ClassDef):
                        best, inner = f"{prefix}{node.name}", f"{inner}<locals>."
                holders.append((node, inner))
        return best

    def _statements(self, file: str) -> list[tuple[int, int]]:
        if file not in self._ranges:
            self._ranges[file] = []
            path = self.path(file)
            if path is not None:
                text = path.read_text(encoding="utf-8")
                self._lines[file] = text.splitlines()
                for node in ast.walk(ast.parse(text)):
                    if isinstance(node, ast.stmt):
                        body = getattr(node, "body", None)
                        end = node.end_lineno or node.lineno
                        if isinstance(body, list) and body and hasattr(body[0], "lineno"):
                            end = max(node.lineno, body[0].lineno - 1)
                        self._ranges[file].append((node.lineno, end))
        return self._ranges[file]


def read_truth(path: Path, sources: Sources, families: Iterable[str] | None = None) -> Truth:
    """The rows with what they traced and broke, by file."""
    wanted = None if families is None else set(families)
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if wanted is None or row["model"] in wanted:
            rows.append(row)
    traced: dict[str, set[int]] = collections.defaultdict(set)
    broke: dict[str, set[int]] = collections.defaultdict(set)
    callers: dict[str, set[int]] = collections.defaultdict(set)
    suites: dict[str, set[str]] = collections.defaultdict(set)
    for row in rows:
        for code in row["reached"]:
            suites[code["file"]].add(row["suite"])
            for first, last in code["lines"]:
                traced[code["file"]].update(range(first, last + 1))
        for item in row["breaks"]:
            first, last = sources.statement(item["file"], item["line"])
            broke[item["file"]].update(range(first, last + 1))
            for frame in item.get("user_stack", []):
                file, line, _ = frame.split(":", 2)
                callers[file].add(int(line))
    return Truth(rows, traced, broke, callers, suites)


def read_sites(path: Path) -> list[Site]:
    """The labelled sites."""
    out = []
    for item in json.loads(path.read_text(encoding="utf-8")):
        file, _, line = item["site"].rpartition(":")
        callers = [(name.rpartition(":")[0], int(name.rpartition(":")[2])) for name in item["model_sites"]]
        first, last = item["statement"]
        out.append(
            Site(
                file,
                int(line),
                (first, last),
                item["function"],
                item["source"],
                item["cause"],
                item["visible"],
                item["families"],
                callers,
            )
        )
    return out


def only_after_a_break(item: dict[str, Any]) -> bool:
    """Whether a break can't be the first.

    A comprehension is a frame of its own, a frame is compiled until its recompile limit, and a module is met half
    built, only where the code around already runs eagerly.
    """
    kind = (item.get("gb_type") or "").lower()
    own_frame = item["function"].rpartition(".")[2] in ("<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>")
    return (own_frame and "iter" in kind) or "recompile limit" in kind or "uninitialized nn.module" in kind


def derived_sites(truth: Truth, sources: Sources) -> list[Site]:
    """The sites of the breaks, when nobody labelled them: every one counts as visible, its cause is its type."""
    found: dict[Place, Site] = {}
    for row in truth.rows:
        for item in row["breaks"]:
            place = (item["file"], item["line"])
            site = found.get(place)
            if site is None:
                statement = sources.statement(*place)
                source = sources.line(*place)
                cause = item.get("gb_type") or item.get("reason", "").splitlines()[0]
                visible = "knock-on" if only_after_a_break(item) else "typed"
                site = found[place] = Site(*place, statement, item["function"], source, cause, visible, [])
            family = f"{row['suite']}/{row['model']}"
            if family not in site.families:
                site.families.append(family)
            for frame in item.get("user_stack", []):
                file, line, _ = frame.split(":", 2)
                if file != site.file:
                    site.model_sites.append((file, int(line)))
    return list(found.values())


def entries(truth: Truth, sources: Sources) -> tuple[str, ...]:
    """The functions under the roots that the recorded programs outside them called, as `--root` of the linter names them."""
    places: set[Place] = set()
    for row in truth.rows:
        for item in row["breaks"]:
            frames = [frame.split(":", 2)[:2] for frame in item.get("user_stack", [])]
            for (outer, _), (file, line) in itertools.pairwise(frames):
                if Path(outer).is_absolute() and sources.path(file) is not None:
                    places.add((file, int(line)))
    found = set()
    for file, number in places:
        module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        found.add(f"{module}:{sources.function(file, number)}")
    return tuple(sorted(found))


def lint_files(
    truth: Truth, sources: Sources, confidence: Confidence, jobs: int, roots: tuple[str, ...] = ()
) -> tuple[list[Finding], float]:
    """The findings of one run per root, their paths relative to it, and the seconds it took.

    roots: further traced functions, "module:qualname".
    """
    findings: list[Finding] = []
    start = time.perf_counter()
    for root in sources.roots:
        files = sorted(
            {
                root / file
                for file in truth.traced
                if (root / file).is_file() and sources.path(file) == root / file
            }
        )
        if not files:
            continue
        search = tuple(str(folder) for folder in sources.roots)
        options = Options(
            environment=Environment(releases=("2.13",), source="--target-torch"),
            min_confidence=confidence,
            search_path=search,
            jobs=jobs,
            root=root,
            roots=roots,
            use_cache=False,
        )
        result = lint(files, options)
        for error in result.errors:
            print(f"error: {error.path}:{error.line}: {error.message}", file=sys.stderr)
        for finding in result.findings:
            path = Path(finding.location.path)
            path = path if path.is_absolute() else Path.cwd() / path
            findings.append(_moved(finding, path.resolve().relative_to(root.resolve()).as_posix()))
    return findings, time.perf_counter() - start


def _moved(finding: Finding, path: str) -> Finding:
    from dataclasses import replace

    return replace(finding, location=replace(finding.location, path=path))


def lines_of(finding: Finding) -> range:
    return range(finding.location.line, finding.location.end_line + 1)


@dataclass
class Score:
    """What one run amounts to."""

    found: list[Site]
    missed: list[Site]
    true: list[Finding]
    false: list[Finding]
    unjudged: int

    def recall(self, once: bool = False) -> tuple[int, int]:
        if not once:
            return len(self.found), len(self.found) + len(self.missed)
        groups: dict[tuple[str, str], bool] = {}
        for site in self.found:
            groups[site.function, site.source] = True
        for site in self.missed:
            groups.setdefault((site.function, site.source), False)
        return sum(groups.values()), len(groups)

    def precision(self) -> tuple[int, int]:
        return len(self.true), len(self.true) + len(self.false)


def score(findings: list[Finding], sites: list[Site], truth: Truth) -> Score:
    """The protocol of the module's docstring."""
    counted = [f for f in findings if Effect.GRAPH_BREAK in f.effects and len(lines_of(f)) <= MAX_SPAN]
    covered: dict[str, set[int]] = collections.defaultdict(set)
    for finding in counted:
        covered[finding.location.path].update(lines_of(finding))
    found: list[Site] = []
    missed: list[Site] = []
    for site in sites:
        if site.visible not in VISIBLE:
            continue
        first, last = site.statement
        hit = any(line in covered[site.file] for line in range(first, last + 1))
        hit = hit or any(line in covered[file] for file, line in site.model_sites)
        (found if hit else missed).append(site)
    true: list[Finding] = []
    false: list[Finding] = []
    unjudged = 0
    for finding in counted:
        file = finding.location.path
        if finding.location.line not in truth.traced.get(file, ()):
            unjudged += 1
            continue
        lines = set(lines_of(finding))
        hit = bool(lines & truth.broke.get(file, set())) or bool(lines & truth.callers.get(file, set()))
        (true if hit else false).append(finding)
    return Score(found, missed, true, false, unjudged)


def percent(part: tuple[int, int]) -> str:
    return f"{part[0]}/{part[1]} = {part[0] / part[1]:.3f}" if part[1] else "0/0"


def report(result: Score, truth: Truth, label: str) -> str:
    """The whole report as Markdown."""
    lines = [f"## {label}", ""]
    lines.append(f"- recall, raw: {percent(result.recall())}")
    lines.append(f"- recall, copies once: {percent(result.recall(True))}")
    lines.append(f"- precision: {percent(result.precision())} (not judged: {result.unjudged})")
    lines += ["", _by_rule(result), "", _by_cause(result), "", _by_suite(result, truth), ""]
    lines += ["Misses:", ""]
    lines += [f"- {s.name} ({s.visible}, {s.cause}): `{s.source}`" for s in result.missed] or ["- none"]
    lines += ["", "False:", ""]
    lines += [
        f"- {f.location.path}:{f.location.line}: {f.code} [{f.confidence.value}] {f.message}"
        for f in result.false
    ] or ["- none"]
    return "\n".join(lines)


def _by_rule(result: Score) -> str:
    table: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    for index, group in enumerate((result.true, result.false)):
        for finding in group:
            table[f"{finding.code} {finding.name}"][index] += 1
    rows = [[name, *counts] for name, counts in sorted(table.items())]
    return tabulate(rows, headers=["rule", "true", "false"], tablefmt="github")


def _by_cause(result: Score) -> str:
    table: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    for index, group in enumerate((result.found, result.missed)):
        for site in group:
            table[site.cause][index] += 1
    rows = [[name, *counts] for name, counts in sorted(table.items())]
    return tabulate(rows, headers=["cause", "found", "missed"], tablefmt="github")


def _by_suite(result: Score, truth: Truth) -> str:
    table: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0, 0, 0])
    for index, group in enumerate((result.found, result.missed)):
        for site in group:
            for suite in sorted(truth.suites.get(site.file, {"?"})):
                table[suite][index] += 1
    for index, findings in enumerate((result.true, result.false)):
        for finding in findings:
            for suite in sorted(truth.suites.get(finding.location.path, {"?"})):
                table[suite][2 + index] += 1
    rows = [[name, *counts] for name, counts in sorted(table.items())]
    return tabulate(
        rows, headers=["suite", "sites found", "missed", "findings true", "false"], tablefmt="github"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("truth", type=Path)
    parser.add_argument(
        "--root", type=Path, action="append", required=True, help="folder the truth's paths are relative to"
    )
    parser.add_argument("--sites", type=Path, help="labelled sites; derived from the breaks when left out")
    parser.add_argument(
        "--entries",
        action="store_true",
        help="take what the recorded programs called of the packages for roots, as who compiles it would name it",
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, help="also write the report to this file")
    options = parser.parse_args()
    sources = Sources(options.root)
    truth = read_truth(options.truth, sources)
    sites = read_sites(options.sites) if options.sites else derived_sites(truth, sources)
    sites = [s for s in sites if not Path(s.file).is_absolute() and sources.path(s.file) is not None]
    parts = []
    roots = entries(truth, sources) if options.entries else ()
    findings, seconds = lint_files(truth, sources, Confidence.LIKELY, options.jobs, roots)
    parts.append(report(score(findings, sites, truth), truth, f"default confidence ({seconds:.1f} s)"))
    certain = [finding for finding in findings if finding.confidence is Confidence.CERTAIN]
    parts.append(report(score(certain, sites, truth), truth, "--min-confidence certain"))
    text = "\n\n".join(parts) + "\n"
    print(text)
    if options.out is not None:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

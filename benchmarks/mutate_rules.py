"""Break every rule on purpose and count how often its own examples notice.

    python benchmarks/mutate_rules.py [--select CODE ...] [--out FOLDER]

Mutants of a rule's `match` and its helper functions: each `if` condition made always true and always false, each
operand of an `and`/`or` dropped, each name in `calls` and node class in `nodes` dropped, `attributes` dropped; and of
its findings: the line shifted by one, the span widened by six lines. A mutant is killed when the linter's findings on
bad.py, good.py and cases.py are no longer what these files expect (or the mutant raises). Only the linter runs: Dynamo
sees the examples in the contract's tests. Survivors are listed with their line and what `mutation_survivors.json` says
of them, [code, part of the mutant's text, why no example can tell]; 1 when one has no such reason, or a reason no
survivor.
"""

from __future__ import annotations

import argparse
import ast
import copy
import json
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from tabulate import tabulate

from breakcheck._version import __version__
from breakcheck.file_linter import FileLinter
from breakcheck.files import library_path
from breakcheck.finding import Finding
from breakcheck.options import Options
from breakcheck.registry import LoadedRule, load_rules
from breakcheck.semantic.engine import AnalysisError, FileFacts, analyze
from breakcheck.testing import Expectation, _compare_findings, _options, expectations

REASONS = Path(__file__).with_name("mutation_survivors.json")
EXAMPLES = ("bad.py", "good.py", "cases.py")


@dataclass(frozen=True)
class Mutant:
    """One broken version of a rule: what was done, at which line of rule.py, and the rule that came of it."""

    what: str
    line: int
    loaded: LoadedRule


class _OneRule(Options):
    """Options under which exactly one given rule is on."""

    def rules(self) -> tuple[LoadedRule, ...]:
        return (self.__dict__["only"],)


def _with(options: Options, loaded: LoadedRule) -> Options:
    made = _OneRule(**{name: getattr(options, name) for name in Options.__dataclass_fields__})
    made.__dict__["only"] = loaded
    return made


def mutants(loaded: LoadedRule) -> Iterator[Mutant]:
    """The broken versions of one rule."""
    source = (loaded.folder / "rule.py").read_text(encoding="utf-8")
    for what, line, tree in _mutated_trees(ast.parse(source)):
        module = ModuleType(f"mutant_of_{loaded.folder.name}")
        sys.modules[module.__name__] = module
        exec(
            compile(ast.fix_missing_locations(tree), str(loaded.folder / "rule.py"), "exec"), module.__dict__
        )
        yield Mutant(what, line, replace(loaded, match=module.match))
    rule = loaded.rule
    for name in rule.calls if len(rule.calls) + len(rule.nodes) > 1 else ():
        fewer = replace(rule, calls=tuple(other for other in rule.calls if other != name))
        yield Mutant(f"calls without {name}", 0, replace(loaded, rule=fewer))
    for node in rule.nodes if len(rule.calls) + len(rule.nodes) > 1 else ():
        less = replace(rule, nodes=tuple(other for other in rule.nodes if other is not node))
        yield Mutant(f"nodes without {node.__name__}", 0, replace(loaded, rule=less))
    if rule.attributes:
        yield Mutant("attributes of every name", 0, replace(loaded, rule=replace(rule, attributes=())))


def _mutated_trees(tree: ast.Module) -> Iterator[tuple[str, int, ast.Module]]:
    spots = [
        index
        for index, node in enumerate(ast.walk(tree))
        if isinstance(node, (ast.If, ast.BoolOp)) and _in_function(tree, node)
    ]
    for index in spots:
        node = _nth(tree, index)
        if isinstance(node, ast.If):
            for constant in (True, False):
                changed = copy.deepcopy(tree)
                target = _nth(changed, index)
                assert isinstance(target, ast.If)
                target.test = ast.Constant(constant)
                yield f"if {ast.unparse(node.test)[:60]} -> {constant}", node.lineno, changed
        elif isinstance(node, ast.BoolOp):
            for position, operand in enumerate(node.values):
                changed = copy.deepcopy(tree)
                target = _nth(changed, index)
                assert isinstance(target, ast.BoolOp)
                target.values[position] = ast.Constant(isinstance(target.op, ast.And))  # the neutral operand
                yield f"without operand {ast.unparse(operand)[:60]}", operand.lineno, changed


def _nth(tree: ast.Module, index: int) -> ast.AST:
    return next(node for number, node in enumerate(ast.walk(tree)) if number == index)


def _in_function(tree: ast.Module, node: ast.AST) -> bool:
    return any(
        node in set(ast.walk(function)) for function in tree.body if isinstance(function, ast.FunctionDef)
    )


def killed(loaded: LoadedRule, candidates: list[Mutant]) -> dict[str, int]:
    """{mutant: 1 when the examples notice it}; the two mutations of findings count as mutants too."""
    options = _options(loaded)
    keys: list[str] = []
    for mutant in candidates:
        key = f"{mutant.line}: {mutant.what}"
        keys.append(f"{key} (again)" if key in keys else key)
    noticed = dict.fromkeys(keys, 0)
    noticed |= {"0: line shifted by one": 0, "0: span widened by six lines": 0}

    def wanted_of(facts: FileFacts) -> list[Expectation]:
        return [e for e in expectations(facts.source_text) if e.code == loaded.rule.code]

    def real(facts: FileFacts) -> tuple[Finding, ...]:
        return FileLinter(_with(options, loaded))(facts).findings

    def visit(facts: FileFacts) -> list[str]:
        assert not list(_compare_findings(Path(facts.path).name, wanted_of(facts), real(facts))), (
            f"{facts.path}: the rule itself fails its examples, which would kill every mutant"
        )
        name, wanted, found = Path(facts.path).name, wanted_of(facts), real(facts)
        seen = []
        if list(_compare_findings(name, list(wanted), tuple(_moved(f, 1, 1) for f in found))):
            seen.append("0: line shifted by one")
        if list(_compare_findings(name, list(wanted), tuple(_moved(f, 0, 6) for f in found))):
            seen.append("0: span widened by six lines")
        for key, mutant in zip(keys, candidates, strict=True):
            try:
                found = FileLinter(_with(options, mutant.loaded))(facts).findings
            except Exception:
                seen.append(key)
                continue
            if list(_compare_findings(name, list(wanted), found)):
                seen.append(key)
        return seen

    files = [loaded.folder / name for name in EXAMPLES]
    search = library_path((), loaded.folder)
    answers = [
        analyze([file], visit=visit, merge=lambda known, more: known, search_path=search) for file in files
    ]
    for answer in (answer for analysed in answers for answer in analysed.answers.values()):
        assert not isinstance(answer, AnalysisError), answer
        for key in answer:
            noticed[key] = 1
    return noticed


def _moved(finding: Finding, start: int, end: int) -> Finding:
    place = finding.location
    moved = replace(place, line=place.line + start, end_line=place.end_line + end)
    return replace(finding, location=moved)


def main() -> int:
    """Print killed of total per rule and every survivor."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--select", nargs="*", default=[], help="only these codes")
    parser.add_argument("--out", type=Path, help="also write mutate_rules.md into this folder")
    options = parser.parse_args()
    reasons = [tuple(entry) for entry in json.loads(REASONS.read_text(encoding="utf-8"))]
    used: set[tuple[str, ...]] = set()
    rows, survivors, seen = [], [], set()
    for loaded in load_rules():
        code = loaded.rule.code
        if options.select and code not in options.select:
            continue
        seen.add(code)
        noticed = killed(loaded, list(mutants(loaded)))
        rows.append([code, loaded.rule.name, sum(noticed.values()), len(noticed)])
        for key in (key for key, count in noticed.items() if not count):
            why = next((entry for entry in reasons if entry[0] == code and entry[1] in key), None)
            used |= {why} if why is not None else set()
            survivors.append([code, key, why[2] if why is not None else "?"])
    total, dead = sum(row[3] for row in rows), sum(row[2] for row in rows)
    unexplained = sum(row[2] == "?" for row in survivors)
    stale = [entry for entry in reasons if entry[0] in seen and entry not in used]
    lines = [
        "# Rules broken on purpose",
        "",
        f"breakcheck {__version__}, Python {platform.python_version()}; `python benchmarks/mutate_rules.py --out "
        "benchmarks/results`",
        "",
        f"killed {dead} of {total} mutants of {len(rows)} rules; survivors {len(survivors)}, without a reason "
        f"{unexplained}, reasons without a survivor {len(stale)}",
        "",
        tabulate(rows, headers=["code", "rule", "killed", "of"], tablefmt="github"),
        "",
        "Survivors (line of rule.py; 0: its lists of names):",
        "",
        tabulate(survivors, headers=["code", "mutant", "why no example can tell"], tablefmt="github"),
    ]
    for entry in stale:
        print(f"no survivor for {entry}", file=sys.stderr)
    text = "\n".join(lines)
    print(text)
    if options.out:
        (options.out / "mutate_rules.md").write_text(text + "\n", encoding="utf-8")
    return 1 if unexplained or stale else 0


if __name__ == "__main__":
    sys.exit(main())

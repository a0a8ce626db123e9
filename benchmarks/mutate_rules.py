"""Break every rule on purpose and count how often its own examples notice.

    python benchmarks/mutate_rules.py [--select CODE ...] [--out FOLDER]

Mutants of a rule's `match` and its helper functions: each `if` condition made always true and always false, each
operand of an `and`/`or` dropped, each name in `calls` and node class in `nodes` dropped; and of its findings: the
line shifted by one, the span widened by six lines. A mutant is killed when the linter's findings on bad.py,
good.py and cases.py are no longer what these files expect (or the mutant raises). Survivors are listed with their
line: each is a condition that no example needs.
"""

from __future__ import annotations

import argparse
import ast
import copy
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from tabulate import tabulate

from breakcheck.file_linter import FileLinter, Options
from breakcheck.files import library_path
from breakcheck.finding import Finding
from breakcheck.registry import LoadedRule, load_rules
from breakcheck.semantic.engine import AnalysisError, FileFacts, analyze
from breakcheck.testing import _compare_findings, _options, expectations

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
    noticed = {f"{mutant.line}: {mutant.what}": 0 for mutant in candidates}
    noticed |= {"0: line shifted by one": 0, "0: span widened by six lines": 0}

    def visit(facts: FileFacts) -> list[str]:
        name = Path(facts.path).name
        wanted = [e for e in expectations(facts.source_text) if e.code == loaded.rule.code]
        seen = []
        for mutant in candidates:
            try:
                found = FileLinter(_with(options, mutant.loaded))(facts).findings
            except Exception:
                seen.append(f"{mutant.line}: {mutant.what}")
                continue
            if list(_compare_findings(name, list(wanted), found)):
                seen.append(f"{mutant.line}: {mutant.what}")
        found = FileLinter(_with(options, loaded))(facts).findings
        if list(_compare_findings(name, list(wanted), tuple(_moved(f, 1, 1) for f in found))):
            seen.append("0: line shifted by one")
        if list(_compare_findings(name, list(wanted), tuple(_moved(f, 0, 6) for f in found))):
            seen.append("0: span widened by six lines")
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
    rows, survivors = [], []
    for loaded in load_rules():
        if options.select and loaded.rule.code not in options.select:
            continue
        noticed = killed(loaded, list(mutants(loaded)))
        rows.append([loaded.rule.code, loaded.rule.name, sum(noticed.values()), len(noticed)])
        survivors += [[loaded.rule.code, key] for key, count in noticed.items() if not count]
    total, dead = sum(row[3] for row in rows), sum(row[2] for row in rows)
    names = sum(" calls without " in key for _code, key in survivors)
    lines = [
        f"killed {dead} of {total} mutants of {len(rows)} rules; {names} survivors are further names of one pattern "
        "(an alias of a callable that no example spells)",
        "",
        tabulate(rows, headers=["code", "rule", "killed", "of"], tablefmt="github"),
        "",
        "Survivors:",
        "",
        tabulate(survivors, headers=["code", "mutant"], tablefmt="github"),
    ]
    text = "\n".join(lines)
    print(text)
    if options.out:
        (options.out / "mutate_rules.md").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

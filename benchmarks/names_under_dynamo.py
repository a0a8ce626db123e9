"""Every name that a rule lists but its bad.py does not call, run under Dynamo: does each do what the rule says?

    python benchmarks/names_under_dynamo.py [--select CODE ...] [--out FOLDER]

A rule's cases.py may hold a class `Names`, whose `forward` has one marked statement for each such name. Each is
compiled alone (backend eager), between the unmarked statements of that method, in a process of its own. The table
says what was seen: the graph-break ids at its line, "ok" where one graph was made, or why it can't run here.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tabulate import tabulate

from breakcheck.example_run import Evidence, _forks, evidence_from
from breakcheck.finding import Effect
from breakcheck.proof import installed, provable_here
from breakcheck.registry import LoadedRule, load_rules
from breakcheck.testing import expectations

CASE = """
from breakcheck import Case as _Case


def case():
    {start}
    return _Case(_forward, calls=[(torch.arange(1.0, 5.0),)])
"""
PROCESS_GROUP = (
    "torch.distributed.is_initialized() or torch.distributed.init_process_group("
    "'gloo', store=torch.distributed.HashStore(), rank=0, world_size=1)"
)


def statements(loaded: LoadedRule) -> Iterator[tuple[str, str, int]]:
    """(statement, module that runs it alone, its line there) of each marked statement of the class Names."""
    source = (loaded.folder / "cases.py").read_text(encoding="utf-8")
    tree = ast.parse(source)
    names = next((n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Names"), None)
    if names is None:
        return
    forward = next(n for n in names.body if isinstance(n, ast.FunctionDef) and n.name == "forward")
    imports = [ast.unparse(node) for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    marked = {expected.line for expected in expectations(source)}
    for node in forward.body:
        if node.lineno not in marked:
            continue
        text = ast.unparse(node)
        used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        setup = [n for n in forward.body if n.lineno not in marked and not isinstance(n, ast.Return)]
        # What the statement doesn't use may break by itself: only the setup that it needs is kept.
        for part in setup[::-1]:
            if not _binds(part) & used:
                setup.remove(part)
            else:
                used |= {inner.id for inner in ast.walk(part) if isinstance(inner, ast.Name)}
        needed = [line for line in imports if used & _bound(line)]
        head = ["import torch", "from torch import nn", *needed, "", "def _forward(x):"]
        body = [f"    {line}" for part in setup for line in ast.unparse(part).splitlines()]
        lines = [*head, *body]
        start = PROCESS_GROUP if "dist." in text or "distributed" in text else "pass"
        tail = [*(f"    {line}" for line in text.splitlines()), "    return x + 1", CASE.format(start=start)]
        yield text, "\n".join([*lines, *tail]), len(lines) + 1


def _bound(line: str) -> set[str]:
    statement = ast.parse(line).body[0]
    assert isinstance(statement, (ast.Import, ast.ImportFrom))
    return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}


def _binds(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    return {
        part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }


def run(module: str) -> Evidence:
    """What Dynamo does with a module that defines case(), beside one that does nothing of the sort."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "names"
        folder.mkdir()
        (folder / "bad.py").write_text(module, encoding="utf-8")
        (folder / "good.py").write_text(module, encoding="utf-8")
        return evidence_from(_forks().ask(folder, "eager"))


def told(evidence: Evidence, line: int) -> str:
    """One cell: graph-break ids at the line, an error, a limit, "ok", or why there is no evidence."""
    if evidence.failure:
        return f"not run: {evidence.failure.removeprefix('an example raises uncompiled: ')[:90]}"
    here = sorted({gb_id or "?" for at, gb_id in evidence.bad.breaks if at == line})
    if here:
        return "breaks " + " ".join(here)
    if evidence.bad.errors:
        return "raises " + " ".join(sorted({name for _at, name in evidence.bad.errors}))
    other = sorted({gb_id or "?" for _at, gb_id in evidence.bad.breaks})
    if other or evidence.bad.elsewhere:
        places = [place.rpartition("site-packages/")[2] for place in evidence.bad.elsewhere]
        return "breaks inside: " + "; ".join([*other, *places])[:90]
    return "ok"


def main() -> int:
    """Print a row for each name."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--select", nargs="*", default=[], help="only these codes")
    parser.add_argument("--out", type=Path, help="also write names_under_dynamo.md into this folder")
    options = parser.parse_args()
    import torch

    rows = []
    for loaded in load_rules():
        code = loaded.rule.code
        if (options.select and code not in options.select) or Effect.GRAPH_BREAK not in loaded.rule.effects:
            continue
        if not provable_here(loaded.rule, torch.__version__, installed(loaded.rule.requires)):
            continue
        for text, module, line in statements(loaded):
            evidence = run(module)
            seen = told(evidence, line)
            ids = {gb_id for at, gb_id in evidence.bad.breaks if at == line}
            foreign = sorted(ids - set(loaded.rule.gb_ids))
            rows.append([code, text.splitlines()[0], seen, "not named by the rule" if foreign else ""])
            print(json.dumps(rows[-1]), flush=True)
    broke = sum(row[2].startswith(("breaks", "raises")) for row in rows)
    not_run = sum(row[2].startswith("not run") for row in rows)
    text = (
        f"# Further names of the rules under Dynamo\n\ntorch {torch.__version__}, Python "
        f"{sys.version.split()[0]}; `python benchmarks/names_under_dynamo.py --out benchmarks/results`\n\n"
        f"{len(rows)} statements: {broke} break, {len(rows) - broke - not_run} do not, {not_run} can't run here.\n\n"
        + tabulate(rows, headers=["code", "statement", "seen", ""], tablefmt="github")
    )
    print(f"{len(rows)} statements: {broke} break, {len(rows) - broke - not_run} do not, {not_run} not run")
    if options.out:
        (options.out / "names_under_dynamo.md").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

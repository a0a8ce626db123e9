"""Write `docs/rules/*.md` from the rules themselves: `python docs/generate_rules.py` (`--check` only compares)."""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from pathlib import Path

from tabulate import tabulate

from breakcheck.registry import LoadedRule, load_rules
from breakcheck.testing import without_expectations

FOLDER = Path(__file__).resolve().parent / "rules"
FAMILIES = {
    "1": "Data-dependent control flow and host reads",
    "2": "Data-dependent shapes",
    "3": "Side effects and Python I/O",
    "4": "Constructs Dynamo can't trace",
    "5": "Collectives",
    "6": "Recompilation",
    "7": "Captured but slow",
    "8": "XLA and TPU",
}


def table(name: str) -> dict[str, dict[str, dict[str, str]]]:
    """A measured table out of the package data."""
    loaded: dict[str, dict[str, dict[str, str]]] = json.loads(
        (files("breakcheck") / "data" / name).read_text(encoding="utf-8")
    )
    return loaded


def page(loaded: LoadedRule) -> str:
    """The Markdown page of one rule."""
    rule = loaded.rule
    title, _blank, body = loaded.doc.strip().partition("\n\n")
    facts = [
        ["Effect", ", ".join(effect.value for effect in rule.effects)],
        ["Severity", rule.severity.value],
        ["torch", f"`{rule.versions}`"],
        *(
            [["Needs", ", ".join(f"`{name}{spec}`" for name, spec in rule.requires.items())]]
            if rule.requires
            else []
        ),
        *([["Dynamo", ", ".join(rule.gb_ids)]] if rule.gb_ids else []),
        ["Fix", "yes" if loaded.can_fix else "no"],
        *([] if rule.default else [["On by default", "no: name it in `--select`"]]),
    ]
    before, separator, safety = body.partition("## Fix safety")
    parts = [
        f"# {rule.code} `{rule.name}`",
        title,
        tabulate(facts, headers=["", ""], tablefmt="github"),
        before.strip(),
        "## Example",
        f"```python\n{_code(loaded, 'bad.py')}```",
        "Instead:",
        f"```python\n{_code(loaded, 'good.py')}```",
        (separator + safety).strip(),
        _measured(loaded),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _code(loaded: LoadedRule, name: str) -> str:
    source = (loaded.folder / name).read_text(encoding="utf-8")
    marked = source.replace(f"# expect: {loaded.rule.code}", f"# {loaded.rule.code}")
    return marked if name == "bad.py" else without_expectations(source)


def _measured(loaded: LoadedRule) -> str:
    """What the example above and the measured patterns show, by torch release."""
    own = table("rules_matrix.json").get(loaded.rule.code, {})
    general = table("matrix.json")
    rows: list[list[str]] = []
    versions = list(general["versions"])
    if own:
        shown = {version: own[version] for version in sorted(own, key=_order)}
        rows.append(["the example", *(str(shown.get(version, "")) for version in versions)])
    rows += [
        [f"`{name}`", *(general["rows"][name].get(version, "") for version in versions)]
        for name in loaded.rule.matrix
    ]
    if not rows:
        return ""
    return (
        f"## Measured\n\n{tabulate(rows, headers=['', *versions], tablefmt='github')}\n\n{general['legend']}"
    )


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def index(rules: tuple[LoadedRule, ...]) -> str:
    """The page that lists all rules by family."""
    parts = [
        "# Rules",
        f"{len(rules)} rules. Each page's example is run under Dynamo by the tests; "
        "this folder is written by `python docs/generate_rules.py`.",
    ]
    for digit, family in FAMILIES.items():
        members = [loaded for loaded in rules if loaded.rule.code[2] == digit]
        rows = [
            [
                f"[{loaded.rule.code}]({loaded.rule.name}.md)",
                f"`{loaded.rule.name}`",
                loaded.rule.summary,
                ", ".join(effect.value for effect in loaded.rule.effects),
                f"`{loaded.rule.versions}`",
                "yes" if loaded.can_fix else "",
            ]
            for loaded in members
        ]
        if rows:
            headers = ["code", "name", "what", "effect", "torch", "fix"]
            parts += [f"## BC{digit}xx: {family}", tabulate(rows, headers=headers, tablefmt="github")]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Write the pages, or with --check say which are not current."""
    rules = tuple(loaded for loaded in load_rules() if loaded.module.startswith("breakcheck_rules."))
    pages = {f"{loaded.rule.name}.md": page(loaded) for loaded in rules} | {"README.md": index(rules)}
    stale = [
        name
        for name, text in pages.items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text(encoding="utf-8") != text
    ]
    stale += sorted({path.name for path in FOLDER.glob("*.md")} - set(pages))
    if "--check" in sys.argv:
        print("\n".join(f"docs/rules/{name} is not current" for name in stale) or "docs/rules is current")
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.md"):
        if path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"wrote {len(pages)} pages, {len(stale)} changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())

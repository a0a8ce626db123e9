"""`breakcheck rule`: explain a rule, or list them all."""

from __future__ import annotations

from pathlib import Path

import click

from breakcheck.errors import BreakcheckError
from breakcheck.registry import LoadedRule, RuleLoadError, find_rule, load_rules


@click.command("rule")
@click.argument("code", required=False)
@click.option("--all", "every", is_flag=True, help="List every rule.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(code: str | None, every: bool, output_format: str) -> int:
    """Explain the rule CODE (or its name): what it finds, why, in which torch releases, with examples."""
    from breakcheck.config import load_config

    paths = load_config(Path.cwd()).rule_paths
    try:
        rules = load_rules(paths)
        chosen = None if code is None else find_rule(code, paths)
    except RuleLoadError as error:
        raise BreakcheckError(str(error)) from None
    if code is not None and chosen is None:
        raise BreakcheckError(f"no rule {code!r}; `breakcheck rule --all` lists them")
    if chosen is None and not every:
        raise BreakcheckError("name a rule, as in `breakcheck rule BC101`, or give --all")
    if output_format == "json":
        import json

        listed = rules if chosen is None else (chosen,)
        click.echo(json.dumps([_as_dict(loaded) for loaded in listed], indent=1))
        return 0
    click.echo(_table(rules) if chosen is None else _explain(chosen))
    return 0


def _table(rules: tuple[LoadedRule, ...]) -> str:
    from tabulate import tabulate

    rows = [
        [
            loaded.rule.code,
            loaded.rule.name,
            ", ".join(effect.value for effect in loaded.rule.effects),
            loaded.rule.versions or "all",
            "yes" if loaded.can_fix else "",
            loaded.rule.summary,
        ]
        for loaded in rules
    ]
    return tabulate(rows, headers=["code", "name", "effects", "torch", "fix", "summary"], tablefmt="simple")


def _as_dict(loaded: LoadedRule) -> dict[str, object]:
    rule = loaded.rule
    return {
        "code": rule.code,
        "name": rule.name,
        "summary": rule.summary,
        "severity": rule.severity.value,
        "effects": [effect.value for effect in rule.effects],
        "gb_ids": list(rule.gb_ids),
        "versions": rule.versions,
        "requires": dict(rule.requires),
        "applies": list(rule.applies),
        "fix": loaded.can_fix,
        "doc": loaded.doc,
    }


def _explain(loaded: LoadedRule) -> str:
    rule = loaded.rule
    facts = [
        f"effects   {', '.join(effect.value for effect in rule.effects)}",
        f"severity  {rule.severity.value}",
        f"torch     {rule.versions or 'all releases'}"
        + "".join(f", {name} {spec}" for name, spec in rule.requires.items()),
    ]
    if rule.gb_ids:
        facts.append(f"Dynamo    {', '.join(rule.gb_ids)}")
    parts = [f"{rule.code} {rule.name}: {rule.summary}", "\n".join(facts), loaded.doc.strip()]
    measured = _measured(rule.matrix)
    if measured:
        parts.append(measured)
    for title, name in (("Example", "bad.py"), ("Use instead", "good.py")):
        path = loaded.folder / name
        if path.is_file():
            parts.append(f"## {title}\n{path.read_text(encoding='utf-8').rstrip()}")
    return "\n\n".join(parts)


def _measured(names: tuple[str, ...]) -> str:
    """The rows of the measured table, one column a torch release; empty where none is named."""
    from importlib.resources import files

    table = files("breakcheck") / "data" / "matrix.json"
    if not names or not table.is_file():
        return ""
    import json

    from tabulate import tabulate

    document = json.loads(table.read_text(encoding="utf-8"))
    versions = document["versions"]
    rows = [
        [name, *(document["rows"][name].get(version, "") for version in versions)]
        for name in names
        if name in document["rows"]
    ]
    if not rows:
        return ""
    body = tabulate(rows, headers=["pattern", *versions], tablefmt="simple", disable_numparse=True)
    return f"## Measured\n{body}\n\n{document['legend']}"

"""`breakcheck test-rules`: the contract of rules, ours or a project's own, run on their examples."""

from __future__ import annotations

from pathlib import Path

import click

from breakcheck.errors import BreakcheckError


@click.command("test-rules")
@click.argument("path", type=click.Path(path_type=Path, exists=True, file_okay=False), required=False)
@click.option("--no-run", is_flag=True, help="Check only what the linter says; run nothing, need no torch.")
@click.option("--select", help="Only this code or name.")
def command(path: Path | None, no_run: bool, select: str | None) -> int:
    """Check the rules in PATH (a rule's folder, or a folder of them; default: the built-in rules).

    Each rule's bad.py must show what the rule claims, at the lines it expects, and good.py must not.
    """
    from breakcheck.registry import RuleLoadError, load_rules
    from breakcheck.testing import check_rule

    try:
        rules = load_rules(() if path is None else (str(path.resolve()),))
    except RuleLoadError as error:
        raise BreakcheckError(str(error)) from None
    if path is not None:
        rules = tuple(loaded for loaded in rules if loaded.folder.resolve().is_relative_to(path.resolve()))
    if select is not None:
        rules = tuple(loaded for loaded in rules if select in (loaded.rule.code, loaded.rule.name))
    if not rules:
        raise BreakcheckError(
            f"no rule to test{f' in {path}' if path else ''}{f' named {select}' if select else ''}"
        )
    failed = 0
    for loaded in rules:
        problems = check_rule(loaded, run=not no_run)
        failed += bool(problems)
        click.echo(f"{'FAIL' if problems else 'ok  '} {loaded.rule.code} {loaded.rule.name}")
        for problem in problems:
            click.echo(f"       {problem}")
    click.echo(f"{len(rules) - failed} of {len(rules)} rules keep the contract")
    return 1 if failed else 0

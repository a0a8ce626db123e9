"""One door to all rules: the built-in ones, those of installed packages, and those of a project's `rule-paths`."""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from breakcheck.rule import Match, Rule

ENTRY_POINT_GROUP = "breakcheck.rules"
DOCS_URL = "https://github.com/breakcheck/breakcheck/blob/main/docs/rules/{name}.md"


class RuleLoadError(Exception):
    """A rule's folder could not be loaded: says which file and why. A rule is never dropped silently."""


@dataclass(frozen=True, eq=False)
class LoadedRule:
    """A rule with its `match` and where it lies."""

    rule: Rule
    match: Match
    doc: str
    folder: Path
    module: str

    @property
    def can_fix(self) -> bool:
        """Whether the rule's folder has a `fix.py`."""
        return (self.folder / "fix.py").is_file()

    def section(self, title: str) -> str:
        """The first paragraph under a heading of the rule's page, "" when it has none."""
        match = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", self.doc, re.M | re.S)
        return " ".join(match[1].strip().split("\n\n", 1)[0].split()) if match else ""

    def load_fix(self) -> object:
        """The rule's `fix.py` module (imports libcst)."""
        name = self.module.removesuffix(".rule") + ".fix"
        if name in sys.modules:
            return sys.modules[name]
        return _load_file(name, self.folder / "fix.py")


def _load_file(name: str, path: Path) -> object:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise RuleLoadError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise RuleLoadError(f"{path}: {type(error).__name__}: {error}") from error
    return module


def _loaded(module: object, path: Path, name: str) -> LoadedRule:
    rule = getattr(module, "RULE", None)
    match = getattr(module, "match", None)
    if not isinstance(rule, Rule) or not callable(match):
        raise RuleLoadError(f"{path}: a rule file defines RULE = Rule(...) and match(node, facts)")
    return LoadedRule(rule, match, getattr(module, "__doc__", None) or "", path.parent, name)


def _from_package(package: str) -> Iterator[LoadedRule]:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise RuleLoadError(f"rule package {package} is not importable")
    for root in spec.submodule_search_locations:
        for path in sorted(Path(root).glob("*/rule.py")):
            name = f"{package}.{path.parent.name}.rule"
            try:
                module = importlib.import_module(name)
            except Exception as error:
                raise RuleLoadError(f"{path}: {type(error).__name__}: {error}") from error
            yield _loaded(module, path, name)


def _from_folder(folder: Path) -> Iterator[LoadedRule]:
    if not folder.is_dir():
        raise RuleLoadError(f"rule path {folder} is not a folder")
    paths = [folder / "rule.py"] if (folder / "rule.py").is_file() else sorted(folder.glob("*/rule.py"))
    if not paths:
        raise RuleLoadError(f"rule path {folder} holds no rule.py")
    for path in paths:
        name = f"_breakcheck_user_rules.{path.parent.name}.rule"
        yield _loaded(_load_file(name, path), path, name)


@cache
def load_rules(rule_paths: tuple[str, ...] = ()) -> tuple[LoadedRule, ...]:
    """All rules, ordered by code.

    Raises RuleLoadError when a rule's file fails to import or two rules share a code or a name.
    """
    found: list[LoadedRule] = []
    packages = {point.value for point in entry_points(group=ENTRY_POINT_GROUP)} | {"breakcheck_rules"}
    for package in sorted(packages):
        found.extend(_from_package(package))
    for folder in rule_paths:
        found.extend(_from_folder(Path(folder)))
    _refuse_duplicates(found)
    return tuple(sorted(found, key=lambda loaded: loaded.rule.code))


def _refuse_duplicates(found: Iterable[LoadedRule]) -> None:
    seen: dict[str, Path] = {}
    for loaded in found:
        for key in (loaded.rule.code, loaded.rule.name):
            if key in seen:
                raise RuleLoadError(f"{loaded.folder}: {key} is already taken by {seen[key]}")
            seen[key] = loaded.folder


def find_rule(code_or_name: str, rule_paths: tuple[str, ...] = ()) -> LoadedRule | None:
    """The rule of a code ("BC101") or name ("tensor-item"), else None."""
    wanted = code_or_name.strip()
    for loaded in load_rules(rule_paths):
        rule = loaded.rule
        if wanted.upper() == rule.code or wanted == rule.name or wanted in rule.aliases:
            return loaded
    return None


def rules_by_gb_id(rule_paths: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """GB id -> codes of the rules that name it."""
    table: dict[str, list[str]] = {}
    for loaded in load_rules(rule_paths):
        for gb_id in loaded.rule.gb_ids:
            table.setdefault(gb_id, []).append(loaded.rule.code)
    return {gb_id: tuple(codes) for gb_id, codes in table.items()}

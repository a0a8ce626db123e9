"""How to lint: what the command line and the configuration come to, and which rules that turns on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from breakcheck.errors import BreakcheckError
from breakcheck.finding import Confidence
from breakcheck.registry import LoadedRule, load_rules
from breakcheck.versions import Environment


@dataclass(frozen=True)
class Options:
    """How to lint; see `breakcheck.config.Config` for the meaning of the keys they share."""

    environment: Environment = field(default_factory=Environment)
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    min_confidence: Confidence = Confidence.LIKELY
    roots: tuple[str, ...] = ()
    rule_paths: tuple[str, ...] = ()
    search_path: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    root: Path = field(default_factory=Path.cwd)
    jobs: int = 1
    use_cache: bool = True

    def rules(self) -> tuple[LoadedRule, ...]:
        """The rules that are on, for releases this environment has."""
        return _chosen(self.select, self.ignore, self.rule_paths, self.environment)


def matches_rule(pattern: str, loaded: LoadedRule) -> bool:
    """Whether a code, a prefix of codes ("BC1") or a name stands for a rule; "ALL" for each."""
    rule = loaded.rule
    upper = pattern.upper()
    return upper == "ALL" or rule.code.startswith(upper) or pattern == rule.name or pattern in rule.aliases


def check_codes(patterns: Iterable[str], rules: Sequence[LoadedRule], where: str) -> None:
    """Raises BreakcheckError for a pattern that stands for no rule."""
    for pattern in patterns:
        if not any(matches_rule(pattern, loaded) for loaded in rules):
            raise BreakcheckError(f"{where}: no rule {pattern!r}; `breakcheck rule --all` lists them")


def _chosen(
    select: tuple[str, ...], ignore: tuple[str, ...], rule_paths: tuple[str, ...], environment: Environment
) -> tuple[LoadedRule, ...]:
    rules = load_rules(rule_paths)
    on = [
        loaded
        for loaded in rules
        if (any(matches_rule(p, loaded) for p in select) if select else loaded.rule.default)
        and not any(matches_rule(p, loaded) for p in ignore)
    ]
    return tuple(
        loaded
        for loaded in on
        if environment.admits(loaded.rule.versions) and environment.meets(loaded.rule.requires)
    )

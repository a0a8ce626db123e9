"""Configuration and flags to the options of one lint run: for the command line, the language server and `check --lint`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from breakcheck.config import Config
from breakcheck.errors import BreakcheckError
from breakcheck.finding import Confidence
from breakcheck.options import Options, check_codes
from breakcheck.registry import RuleLoadError, load_rules
from breakcheck.versions import parse_libraries, resolve_environment


def make_options(
    config: Config,
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    exclude: Sequence[str] = (),
    roots: Sequence[str] = (),
    pins: Sequence[str] = (),
    target_torch: str | None = None,
    min_confidence: str | None = None,
    jobs: int | None = None,
    use_cache: bool = True,
) -> Options:
    """The options of a run: flags win over the configuration, lists of what to leave out add up.

    Raises BreakcheckError for an unknown code, a malformed version or a rule that cannot be loaded.
    """
    rule_paths = tuple(str(config.root / folder) for folder in config.rule_paths)
    try:
        rules = load_rules(rule_paths)
    except RuleLoadError as error:
        raise BreakcheckError(str(error)) from None
    where = f"{config.root / 'pyproject.toml'}: tool.breakcheck"
    check_codes(select, rules, "--select")
    check_codes(ignore, rules, "--ignore")
    check_codes(config.select, rules, f"{where}.select")
    check_codes(config.ignore, rules, f"{where}.ignore")
    for pattern, codes in config.per_file_ignores.items():
        check_codes(codes, rules, f"{where}.per-file-ignores.{pattern!r}")
    environment = resolve_environment(
        config.root,
        target=target_torch if target_torch is not None else config.target_torch,
        target_source="--target-torch" if target_torch is not None else f"{where}.target-torch",
        libraries=parse_libraries(pins),
        names={name for loaded in rules for name in loaded.rule.requires},
    )
    return Options(
        environment=environment,
        select=tuple(select) or config.select,
        ignore=(*config.ignore, *ignore),
        per_file_ignores=config.per_file_ignores,
        min_confidence=Confidence(min_confidence or config.min_confidence),
        roots=(*config.roots, *roots),
        rule_paths=rule_paths,
        search_path=config.search_path,
        exclude=(*config.exclude, *exclude),
        root=config.root,
        jobs=jobs or _cores(),
        use_cache=use_cache,
    )


def _cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

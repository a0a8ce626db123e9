"""The `[tool.breakcheck]` table of the nearest pyproject.toml, checked key by key."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from breakcheck.errors import ConfigError

if sys.version_info >= (3, 11):
    import tomllib
else:  # Python 3.10
    import tomli as tomllib

DEFAULT_EXCLUDES = (
    ".git", ".hg", ".venv", "venv", ".tox", ".nox", "__pycache__", "build", "dist", "node_modules",
    ".eggs", "*.egg-info", ".mypy_cache", ".ruff_cache", ".pytest_cache",
)  # fmt: skip


@dataclass(frozen=True)
class Config:
    """Settings of a project, each the twin of a flag.

    root: the folder of the pyproject.toml they came from (the working directory when there is none).
    select, ignore: codes, prefixes of codes ("BC1") or names. per_file_ignores: glob -> codes.
    roots: further traced entry points, "package.module:Class.method". rule_paths: folders of the project's rules.
    search_path: folders of libraries to read as source, besides the environment's own site-packages.
    check: the `[tool.breakcheck.check]` table, whose keys the runtime half checks.
    """

    root: Path = field(default_factory=Path.cwd)
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    min_confidence: str = "likely"
    target_torch: str | None = None
    roots: tuple[str, ...] = ()
    rule_paths: tuple[str, ...] = ()
    search_path: tuple[str, ...] = ()
    baseline: str | None = None
    check: Mapping[str, object] = field(default_factory=dict)


_LISTS = {"select", "ignore", "exclude", "roots", "rule_paths", "search_path"}
_STRINGS = {"min_confidence", "target_torch", "baseline"}


def find_pyproject(start: Path) -> Path | None:
    """The nearest pyproject.toml with a `[tool.breakcheck]` table, else the nearest at all, upward from `start`."""
    nearest = None
    for folder in [start, *start.parents]:
        path = folder / "pyproject.toml"
        if path.is_file():
            nearest = nearest or path
            try:
                if "[tool.breakcheck" in path.read_text(encoding="utf-8"):
                    return path
            except (OSError, UnicodeDecodeError):
                continue
    return nearest


def load_config(start: Path) -> Config:
    """The settings that hold in a folder; defaults where there is no table.

    Raises ConfigError, naming file and key, for an unknown key, a wrong type or a malformed file.
    """
    path = find_pyproject(start.resolve())
    if path is None:
        return Config(root=start.resolve())
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as TOML: {error}") from None
    table = document.get("tool", {}).get("breakcheck", {})
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.breakcheck must be a table")
    return _parse(table, path)


def _parse(table: Mapping[str, object], path: Path) -> Config:
    known = {item.name.replace("_", "-") for item in fields(Config)} - {"root"}
    values: dict[str, object] = {}
    for key, value in table.items():
        if key not in known:
            raise ConfigError(
                f"{path}: unknown key tool.breakcheck.{key}; known keys: {', '.join(sorted(known))}"
            )
        values[key.replace("-", "_")] = _checked(key, value, path)
    return Config(root=path.parent, **values)  # type: ignore[arg-type]  # each value was checked by its key


def _checked(key: str, value: object, path: Path) -> object:
    name = key.replace("-", "_")
    where = f"{path}: tool.breakcheck.{key}"
    if name in _LISTS:
        return _strings(value, where)
    if name in _STRINGS:
        if not isinstance(value, str):
            raise ConfigError(f"{where} must be a string, got {value!r}")
        if name == "min_confidence" and value not in ("certain", "likely"):
            raise ConfigError(f'{where} must be "certain" or "likely", got {value!r}')
        return value
    if not isinstance(value, dict):
        raise ConfigError(f"{where} must be a table, got {value!r}")
    if name == "per_file_ignores":
        return {pattern: _strings(codes, f"{where}.{pattern!r}") for pattern, codes in value.items()}
    return value


def _strings(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{where} must be a list of strings, got {value!r}")
    return tuple(value)

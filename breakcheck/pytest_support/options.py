"""The plugin's options: each a flag, an ini key and a key of `[tool.breakcheck.check.pytest]` in pyproject.toml.

`backend` and `latency` are also taken from `[tool.breakcheck.check]`, which the command line's `check` reads.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from breakcheck.config import load_config
from breakcheck.errors import BreakcheckError
from breakcheck.expectation import DEFAULT, Expectations, parse_expectations


@dataclass(frozen=True)
class Option:
    """One setting: flag `--breakcheck-NAME`, ini key `breakcheck_NAME`, key NAME in pyproject.toml.

    shared: the key is read from `[tool.breakcheck.check]` too.
    """

    name: str
    metavar: str
    help: str
    shared: bool = False


OPTIONS = (
    Option(
        "expect", "EXPR", f'what a bare marker and the fixture\'s `expect()` ask for (default "{DEFAULT}")'
    ),
    Option("backend", "NAME", 'backend of the fixture\'s checks (default "inductor")', shared=True),
    Option("parity", "DTYPE", 'dtype in which the fixture compares numbers unasked ("float32", "off")'),
    Option("latency", "EXPR", 'time budget of the fixture\'s checks unasked ("r<=1.0", "off")', shared=True),
    Option("baseline", "FILE", "file of known breaks: new ones fail, known ones pass with a note"),
    Option("json", "FILE", "write what every observed test showed to FILE as JSON"),
    Option("html", "FILE", "write the fixture's checks to FILE as one HTML page"),
)


@dataclass(frozen=True)
class Settings:
    """The settings of one session, each already checked. latency and parity: "" means not asked for."""

    root: Path
    observe: bool = False
    update_baseline: bool = False
    expect: Expectations = field(default_factory=Expectations)
    backend: str = "inductor"
    parity: str = ""
    latency: str = ""
    baseline: Path | None = None
    json: Path | None = None
    html: Path | None = None


def add_options(parser: pytest.Parser) -> None:
    """Declare the flags and their ini twins."""
    group = parser.getgroup("breakcheck", "graph breaks and recompiles (breakcheck)")
    group.addoption(
        "--breakcheck",
        action="store_true",
        default=None,
        help="observe what every test compiles and report it; only marked tests can fail",
    )
    parser.addini("breakcheck", "observe what every test compiles and report it", type="bool", default=False)
    for option in OPTIONS:
        dest = f"breakcheck_{option.name}"
        group.addoption(
            f"--breakcheck-{option.name}", dest=dest, metavar=option.metavar, default=None, help=option.help
        )
        kind: Literal["string"] = "string"
        parser.addini(dest, option.help, type=kind, default="")
    # An action, not a setting: an ini key would write the file on every run.
    group.addoption(
        "--breakcheck-update-baseline",
        action="store_true",
        default=False,
        help="write the breaks of this run to the baseline (refused in CI)",
    )


def in_ci() -> bool:
    """Whether this is a CI job, by the variable that GitHub, GitLab and most others set."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def read_settings(config: pytest.Config) -> Settings:
    """The settings: flag before ini before `[tool.breakcheck.check]` before default.

    Raises pytest.UsageError, naming the key, for a value that cannot be used.
    """
    try:
        return _read(config)
    except BreakcheckError as error:
        raise pytest.UsageError(f"breakcheck: {error}") from None


def _read(config: pytest.Config) -> Settings:
    table = _table(config.rootpath)
    values = {option.name: _text(config, option, table.get(option.name)) for option in OPTIONS}
    update = bool(config.getoption("breakcheck_update_baseline"))
    if update and in_ci():
        raise pytest.UsageError(
            "--breakcheck-update-baseline is refused in CI (CI is set): a job must not accept its own breaks; "
            "run it on your machine and commit the file"
        )
    if update and not values["baseline"]:
        raise pytest.UsageError("--breakcheck-update-baseline needs --breakcheck-baseline FILE")
    flag: Any = config.getoption("breakcheck")
    observe = config.getini("breakcheck") or table.get("observe") if flag is None else flag
    return Settings(
        root=config.rootpath,
        observe=bool(observe),
        update_baseline=update,
        expect=parse_expectations([values["expect"] or DEFAULT]),
        backend=values["backend"] or "inductor",
        parity="" if values["parity"] == "off" else values["parity"],
        latency="" if values["latency"] == "off" else values["latency"],
        baseline=_path(config, values["baseline"]),
        json=_path(config, values["json"]),
        html=_path(config, values["html"]),
    )


def _table(root: Path) -> dict[str, object]:
    """What pyproject.toml says: `[tool.breakcheck.check.pytest]` over the shared keys of `[tool.breakcheck.check]`."""
    check = load_config(root).check
    own = check.get("pytest", {})
    if not isinstance(own, dict):
        raise BreakcheckError(f"tool.breakcheck.check.pytest must be a table, got {own!r}")
    known = {"observe", *(option.name for option in OPTIONS)}
    for key in own:
        if key not in known:
            raise BreakcheckError(
                f"unknown key tool.breakcheck.check.pytest.{key}; known keys: {', '.join(sorted(known))}"
            )
    shared = {option.name: check[option.name] for option in OPTIONS if option.shared and option.name in check}
    return {**shared, **own}


def _text(config: pytest.Config, option: Option, fallback: object) -> str:
    flag = config.getoption(f"breakcheck_{option.name}")
    value = flag if flag is not None else config.getini(f"breakcheck_{option.name}") or fallback or ""
    if not isinstance(value, str):
        raise BreakcheckError(f"tool.breakcheck.check.pytest.{option.name} must be a string, got {value!r}")
    return value


def _path(config: pytest.Config, value: str) -> Path | None:
    return config.rootpath / value if value else None

"""The command list: each command loads, helps and is fast to name."""

from __future__ import annotations

from pathlib import Path

import pytest

import breakcheck.commands
from breakcheck.cli import COMMANDS, run


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_listed_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: breakcheck {name}")


def test_every_command_file_is_listed() -> None:
    files = list(Path(breakcheck.commands.__file__).parent.glob("[a-z]*.py"))
    defined = {
        path.stem.replace("_", "-") for path in files if "\ndef command(" in path.read_text(encoding="utf-8")
    }
    assert defined == set(COMMANDS)


def test_an_unknown_command_is_one_line_and_exit_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lnt"]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_no_command_shows_the_help_and_exits_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    assert "Commands:" in capsys.readouterr().out

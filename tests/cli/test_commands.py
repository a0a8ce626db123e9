"""The command list: each command loads, helps and is fast to name."""

from __future__ import annotations

import pytest

from breakcheck.cli import COMMANDS, cli, run


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_listed_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: breakcheck {name}")


def test_every_command_file_is_listed() -> None:
    import breakcheck.commands

    (folder,) = breakcheck.commands.__path__
    from pathlib import Path

    files = {path.stem.replace("_", "-") for path in Path(folder).glob("[a-z]*.py")}
    assert files == set(cli.list_commands(None))  # type: ignore[arg-type]


def test_an_unknown_command_is_one_line_and_exit_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lnt"]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_no_command_shows_the_help_and_exits_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    assert "Commands:" in capsys.readouterr().out

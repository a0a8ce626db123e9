"""The command line: which commands there are. What each does lies in `breakcheck/commands/NAME.py`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from breakcheck._version import __version__
from breakcheck.errors import BreakcheckError

# Name -> the line shown by `breakcheck --help`; kept here so that help imports no command.
COMMANDS = {
    "lint": "Find what Dynamo will break on, without importing the code.",
    "check": "Run models compiled: breaks, recompiles, parity, latency, each located.",
    "run": "Observe any program that compiles something, like `coverage run`.",
    "rule": "Explain a rule: what, why, measured versions, examples.",
    "bench": "Measure the reference models: latency beside its limit, figures.",
    "export": "Export a model to StableHLO, loaded again and compared.",
    "setup": "Make the environment of a device that needs its own.",
    "server": "Serve editors: findings while typing, fixes as code actions.",
    "new-rule": "Lay out the folder of a new rule.",
    "test-rules": "Run the rule contract on folders of rules.",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, imported now; None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"breakcheck.commands.{cmd_name.replace('-', '_')}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 clean, 1 findings or failed checks, 2 the tool could not do its work.",
)
@click.version_option(__version__, "-V", "--version", prog_name="breakcheck", message="%(prog)s %(version)s")
def cli() -> None:
    """Find what keeps a PyTorch model from compiling as a whole, before it ships."""


def run(arguments: Sequence[str]) -> int:
    """The exit code of one command line; errors are one line on stderr."""
    try:
        result = cli.main(args=list(arguments), prog_name="breakcheck", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as help_wanted:
        click.echo(help_wanted.format_message())
        return 2
    except click.ClickException as error:
        where = f" {error.ctx.command.name}" if isinstance(error, click.UsageError) and error.ctx else ""
        where = where if where != " cli" else ""
        _complain(f"{error.format_message()} (see `breakcheck{where} --help`)")
        return 2
    except click.Abort:
        _complain("interrupted")
        return 130
    except BreakcheckError as error:
        _complain(str(error))
        return 2
    except BrokenPipeError:
        # The reader (`| head`) went away: not our failure. Keep the interpreter from complaining at exit.
        sys.stderr.close()
        return 0
    except Exception as error:
        if os.environ.get("BREAKCHECK_DEBUG"):
            raise
        _complain(
            f"internal error, please report it: {type(error).__name__}: {error} "
            "(set BREAKCHECK_DEBUG=1 for the traceback)"
        )
        return 2
    return result if isinstance(result, int) else 0


def _complain(message: str) -> None:
    line = " ".join(message.split())
    click.echo(f"breakcheck: error: {line}", err=True)

"""`breakcheck server`: the language server on standard input and output."""

from __future__ import annotations

import click

from breakcheck.errors import BreakcheckError


@click.command("server")
def command() -> int:
    """Serve the Language Server Protocol on standard input and output, for editors."""
    try:
        from breakcheck.server import make_server
    except ModuleNotFoundError as error:
        raise BreakcheckError(
            f"the language server needs {error.name}: pip install 'torch-breakcheck[server]'"
        ) from None
    make_server().start_io()
    return 0

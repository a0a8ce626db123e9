"""`breakcheck setup`: make the environment of an adapter that can't live beside the checkout's torch."""

from __future__ import annotations

import click

from breakcheck import environments


@click.command("setup")
@click.argument("name", type=click.Choice(sorted(environments.RECIPES)))
@click.option(
    "--torch-index", metavar="URL", help="Index to take torch from; `none`: pip's own configuration."
)
@click.option("--dry-run", is_flag=True, help="Say what would be downloaded, and stop.")
@click.option("--force", is_flag=True, help="Make it anew where it is there already.")
def command(name: str, torch_index: str | None, dry_run: bool, force: bool) -> int:
    """Make the environment NAME in the user's cache folder.

    NAME: `tpu` (ahead-of-time compiler), `torch-tpu` (TorchTPU, experimental; compiles by `tpu`) or `xla` (torch_xla).
    """
    if environments.is_ready(name) and not force:
        click.echo(f"the {name} environment is ready in {environments.folder_of(name)}")
        return 0
    if torch_index is None:
        index = environments.reachable_index()
    else:
        index = None if torch_index == "none" else torch_index
    click.echo(environments.plan(name, index))
    if dry_run:
        return 0
    folder = environments.make(name, index, lambda text: click.echo(f"... {text}"))
    click.echo(f"ready: {folder}")
    return 0

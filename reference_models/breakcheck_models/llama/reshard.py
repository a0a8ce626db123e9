"""A checkpoint cut into one file a rank, and back: `python -m breakcheck_models.llama.reshard CHECKPOINT FOLDER --ranks 16`.

Beyond the KV heads each K and V head lies in several ranks' files, so 70B's 8 KV heads serve 16 ranks and the model
computes what it did. The command reads every file again and compares it, bit for bit, with what it was cut from.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from breakcheck_models.llama.checkpoint import load
from breakcheck_models.llama.config import LlamaConfig, RopeScaling
from breakcheck_models.llama.model import Llama
from breakcheck_models.llama.sharding import kv_replicas, reshard, shard, split_dim

CONFIG = "sharded.json"


def rank_file(folder: Path, rank: int, num_ranks: int) -> Path:
    """Where the weights of one rank lie."""
    return folder / f"rank-{rank:05}-of-{num_ranks:05}.safetensors"


def save_ranks(model: Llama, folder: Path, num_ranks: int) -> list[Path]:
    """The files written, one a rank; one rank's weights in memory beside `model` at a time.

    Raises `ValueError` when the ranks don't divide the heads, the feed-forward or the vocabulary.
    """
    kv_replicas(model.config, num_ranks)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for rank, part in enumerate(reshard(model.state_dict(), model.config, num_ranks)):
        paths.append(rank_file(folder, rank, num_ranks))
        save_file({name: tensor.contiguous() for name, tensor in part.items()}, paths[-1])
    config = {"num_ranks": num_ranks, "config": dataclasses.asdict(model.config)}
    (folder / CONFIG).write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    return paths


def sharded_config(folder: Path) -> tuple[LlamaConfig, int]:
    """The configuration of the whole model and the number of ranks; raises `ValueError` where there is none."""
    path = folder / CONFIG
    if not path.is_file():
        raise ValueError(
            f"{folder}: no {CONFIG}, so no folder that `python -m breakcheck_models.llama.reshard` wrote"
        )
    data = json.loads(path.read_text(encoding="utf-8"))
    scaling = data["config"].pop("rope_scaling")
    return (
        LlamaConfig(**data["config"], rope_scaling=RopeScaling(**scaling) if scaling else None),
        int(data["num_ranks"]),
    )


def load_rank(folder: Path, rank: int, dtype: torch.dtype, device: torch.device | str = "cpu") -> Llama:
    """This rank's part of the model, read straight onto `device`; put the collectives around it with `wrap`.

    Raises `ValueError` when the folder holds no resharded checkpoint or not this rank.
    """
    config, num_ranks = sharded_config(folder)
    if not 0 <= rank < num_ranks:
        raise ValueError(f"{folder}: rank {rank} is not one of its {num_ranks}")
    with torch.device("meta"):
        model = Llama(config).eval().requires_grad_(False)
    shard(model, num_ranks, rank)
    with safe_open(rank_file(folder, rank, num_ranks), "pt", device=str(device)) as file:
        for name in sorted(file.keys()):
            placed = nn.Parameter(file.get_tensor(name).to(dtype), requires_grad=False)
            model.get_submodule(name.rpartition(".")[0]).register_parameter("weight", placed)
    model.rope.reset_table(torch.device(device), dtype)
    return model


def joined(parts: list[Tensor], name: str, replicas: int) -> Tensor:
    """The parameter called `name` of which `parts` are the ranks' shares; raises `ValueError` where copies differ."""
    dim = split_dim(name)
    copies = (
        len(parts) if dim is None else replicas if name.endswith(("k_proj.weight", "v_proj.weight")) else 1
    )
    for i, part in enumerate(parts):
        if not torch.equal(part, parts[i - i % copies]):
            raise ValueError(
                f"{name}: rank {i} holds other numbers than rank {i - i % copies}, of which it is a copy"
            )
    return parts[0] if dim is None else torch.cat(parts[::copies], dim=dim)


def differing(
    state: Mapping[str, Tensor], config: LlamaConfig, folder: Path, num_ranks: int
) -> Iterator[str]:
    """The names of the parameters that, put together from the ranks' files, are not bit for bit `state`'s."""
    replicas = kv_replicas(config, num_ranks)
    files = [safe_open(rank_file(folder, rank, num_ranks), "pt") for rank in range(num_ranks)]
    for name, whole in state.items():
        if not torch.equal(joined([file.get_tensor(name) for file in files], name, replicas), whole):
            yield name


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("checkpoint", type=click.Path(exists=True, path_type=Path))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--ranks", type=click.IntRange(min=1), required=True, help="Into how many files.")
@click.option(
    "--dtype", type=click.Choice(["bfloat16", "float16", "float32"]), default="bfloat16", show_default=True
)
def command(checkpoint: Path, folder: Path, ranks: int, dtype: str) -> None:
    """Cut CHECKPOINT (safetensors, consolidated or GGUF) into one file a rank in FOLDER, and prove it equal."""
    try:
        model = load(checkpoint, getattr(torch, dtype))
        paths = save_ranks(model, folder, ranks)
        wrong = list(differing(model.state_dict(), model.config, folder, ranks))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if wrong:
        raise click.ClickException(
            f"{folder}: {len(wrong)} parameters differ from {checkpoint}, {wrong[0]} first"
        )
    replicas = kv_replicas(model.config, ranks)
    click.echo(
        f"{folder}: {len(paths)} files, each KV head on {replicas} rank{'s' * (replicas > 1)}; "
        f"{len(model.state_dict())} parameters put together again equal {checkpoint} bit for bit"
    )


if __name__ == "__main__":
    command()

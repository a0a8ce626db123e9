"""A resharded checkpoint is the one it was cut from."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the reference models need torch")

from breakcheck_models.llama.config import PRESETS, RopeScaling  # noqa: E402
from breakcheck_models.llama.local_ranks import run_ranks  # noqa: E402
from breakcheck_models.llama.model import Llama  # noqa: E402
from breakcheck_models.llama.reshard import differing, load_rank, rank_file, save_ranks, sharded_config  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

GQA = dataclasses.replace(PRESETS["llama2-tiny"], num_kv_heads=1, rope_scaling=RopeScaling(factor=2.0))
TOKENS = torch.randint(256, (2, 12), generator=torch.Generator().manual_seed(5))


def model() -> Llama:
    torch.manual_seed(0)
    return Llama(GQA).eval().requires_grad_(False)


def rank_logits(rank: int) -> torch.Tensor:
    import torch.distributed as dist
    from breakcheck_models.llama.tensor_parallel import Ranks, wrap

    with tempfile.TemporaryDirectory() as name, torch.no_grad():
        save_ranks(model(), Path(name), 2)
        part = wrap(load_rank(Path(name), rank, torch.float32), Ranks(dist.group.WORLD))
        return part(TOKENS)


def test_two_ranks_of_one_kv_head_compute_what_the_checkpoint_does() -> None:
    with torch.no_grad():
        expected = model()(TOKENS)
    for logits in run_ranks(rank_logits):
        torch.testing.assert_close(logits, expected)


def test_the_files_put_together_are_the_checkpoint_and_the_configuration_comes_back(tmp_path: Path) -> None:
    whole = model()
    save_ranks(whole, tmp_path, 4)
    assert sharded_config(tmp_path) == (GQA, 4)
    assert list(differing(whole.state_dict(), GQA, tmp_path, 4)) == []


def test_one_wrong_number_in_one_file_shows(tmp_path: Path) -> None:
    whole = model()
    save_ranks(whole, tmp_path, 2)
    path = rank_file(tmp_path, 1, 2)
    weights = load_file(path)
    weights["layers.1.ffn.up_proj.weight"][3, 5] += 1
    save_file(weights, path)
    assert list(differing(whole.state_dict(), GQA, tmp_path, 2)) == ["layers.1.ffn.up_proj.weight"]


def test_a_copy_of_a_kv_head_that_differs_is_named(tmp_path: Path) -> None:
    whole = model()
    save_ranks(whole, tmp_path, 2)
    path = rank_file(tmp_path, 1, 2)
    weights = load_file(path)
    weights["layers.0.attention.k_proj.weight"][0, 0] += 1
    save_file(weights, path)
    with pytest.raises(ValueError, match=r"k_proj.weight: rank 1 holds other numbers than rank 0"):
        list(differing(whole.state_dict(), GQA, tmp_path, 2))


def test_a_folder_without_ranks_and_a_rank_too_many_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no sharded.json"):
        load_rank(tmp_path, 0, torch.float32)
    save_ranks(model(), tmp_path, 2)
    with pytest.raises(ValueError, match="rank 2 is not one of its 2"):
        load_rank(tmp_path, 2, torch.float32)

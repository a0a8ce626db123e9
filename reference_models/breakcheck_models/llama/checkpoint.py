"""Read checkpoints tensor by tensor: Hugging Face safetensors, Meta's consolidated files, GGUF.

Files are memory-mapped and every tensor goes to its place at once, so no second copy of the model exists.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from breakcheck_models.llama.config import LlamaConfig, RopeScaling
from breakcheck_models.llama.model import Llama
from breakcheck_models.llama.names import our_name
from breakcheck_models.llama.rope import frequencies, to_half_order

# The dim in which Meta's files split a weight over their ranks; norms are in every file.
_SPLIT = {"wq": 0, "wk": 0, "wv": 0, "w1": 0, "w3": 0, "output": 0, "wo": 1, "w2": 1}
_HALF_ORDER_ROWS = ("q_proj.weight", "k_proj.weight")


def load(path: Path, dtype: torch.dtype, device: torch.device | str = "cpu") -> Llama:
    """The model in a folder of safetensors, a folder of consolidated files, or a GGUF file.

    Raises `ValueError` when it is none of them, or when tensors are missing, unknown or of another shape.
    """
    if path.suffix == ".gguf":
        return _gguf(path, dtype, device)
    if (path / "config.json").is_file() and list(path.glob("*.safetensors")):
        config = huggingface_config(json.loads((path / "config.json").read_text(encoding="utf-8")))
        return _fill(config, _safetensors(path), dtype, device, path)
    if (path / "params.json").is_file() and list(path.glob("consolidated.*.pth")):
        return _consolidated(path, dtype, device)
    raise ValueError(
        f"{path}: neither a .gguf file nor a folder with config.json and *.safetensors, "
        "or with params.json and consolidated.*.pth"
    )


def _fill(
    config: LlamaConfig,
    tensors: Iterator[tuple[str, Tensor]],
    dtype: torch.dtype,
    device: torch.device | str,
    path: Path,
) -> Llama:
    with torch.device("meta"):
        model = Llama(config).eval().requires_grad_(False)
    missing = {name for name, _ in model.named_parameters()}
    for name, tensor in tensors:
        if name not in missing:
            if name == "lm_head.weight" and config.tie_embeddings:
                continue
            raise ValueError(f"{path}: {name} does not belong to this model, or is there twice")
        expected = model.get_parameter(name).shape
        if tensor.shape != expected:
            raise ValueError(
                f"{path}: {name} has shape {tuple(tensor.shape)}, the configuration says {tuple(expected)}"
            )
        missing.remove(name)
        placed = nn.Parameter(tensor.to(device, dtype, copy=True), requires_grad=False)
        model.get_submodule(name.rpartition(".")[0]).register_parameter("weight", placed)
    if missing:
        raise ValueError(f"{path}: {len(missing)} tensors are missing, {min(missing)} among them")
    if config.tie_embeddings:
        model.lm_head.weight = model.embed.weight
    model.rope.reset_table(device, dtype)
    return model


def huggingface_config(data: dict[str, Any]) -> LlamaConfig:
    """The configuration in a Hugging Face `config.json`, of transformers 4 or 5."""
    rope = data.get("rope_parameters") or data.get("rope_scaling") or {}
    kind = rope.get("rope_type", rope.get("type", "default"))
    if kind not in ("default", "llama3"):
        raise ValueError(f"config.json: rope type {kind!r} is not supported; default and llama3 are")
    scaling = None
    if kind == "llama3":
        scaling = RopeScaling(
            rope["factor"],
            rope["low_freq_factor"],
            rope["high_freq_factor"],
            rope["original_max_position_embeddings"],
        )
    return LlamaConfig(
        hidden_size=data["hidden_size"], num_layers=data["num_hidden_layers"], num_heads=data["num_attention_heads"],
        num_kv_heads=data.get("num_key_value_heads") or data["num_attention_heads"],
        ffn_size=data["intermediate_size"], vocab_size=data["vocab_size"],
        max_seq_len=data["max_position_embeddings"], norm_eps=data["rms_norm_eps"],
        rope_base=rope.get("rope_theta", data.get("rope_theta", 10000.0)), rope_scaling=scaling,
        tie_embeddings=data.get("tie_word_embeddings", False),
    )  # fmt: skip


def _safetensors(path: Path) -> Iterator[tuple[str, Tensor]]:
    from safetensors import safe_open

    for file in sorted(path.glob("*.safetensors")):
        with safe_open(file, framework="pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118  (no dict, and not iterable)
                ours = our_name(name, "huggingface")
                if ours is not None:
                    yield ours, tensors.get_tensor(name)


def _consolidated(path: Path, dtype: torch.dtype, device: torch.device | str) -> Llama:
    params = json.loads((path / "params.json").read_text(encoding="utf-8"))
    files = [torch.load(f, mmap=True, weights_only=True) for f in sorted(path.glob("consolidated.*.pth"))]
    hidden, heads = params["dim"], params["n_heads"]
    # The embedding is split over its columns in Llama 2, over its rows in Llama 3.
    rows, columns = files[0]["tok_embeddings.weight"].shape
    embed_dim = 0 if columns == hidden else 1
    scaled = params.get("use_scaled_rope", False)
    config = LlamaConfig(
        hidden_size=hidden, num_layers=params["n_layers"], num_heads=heads, num_kv_heads=params.get("n_kv_heads") or heads,
        ffn_size=sum(f["layers.0.feed_forward.w1.weight"].shape[0] for f in files),
        vocab_size=rows if embed_dim == 1 or len(files) == 1 else rows * len(files), norm_eps=params["norm_eps"],
        rope_base=params.get("rope_theta", 10000.0), rope_scaling=RopeScaling() if scaled else None,
    )  # fmt: skip

    def tensors() -> Iterator[tuple[str, Tensor]]:
        for name in files[0]:
            ours = our_name(name, "original")
            if ours is None:
                continue
            dim = embed_dim if ours == "embed.weight" else _SPLIT.get(name.split(".")[-2])
            parts = [file[name] for file in files]
            whole = parts[0] if dim is None or len(parts) == 1 else torch.cat(parts, dim=dim)
            yield ours, to_half_order(whole, config.head_dim) if ours.endswith(_HALF_ORDER_ROWS) else whole

    return _fill(config, tensors(), dtype, device, path)


def _gguf(path: Path, dtype: torch.dtype, device: torch.device | str) -> Llama:
    from gguf import GGUFReader, dequantize

    reader = GGUFReader(path)

    def field(name: str, default: Any = None) -> Any:
        found = reader.get_field(f"llama.{name}")
        if found is None and default is None:
            raise ValueError(f"{path}: no llama.{name}, so no Llama")
        return default if found is None else found.contents()

    by_name = {tensor.name: tensor for tensor in reader.tensors}
    heads = field("attention.head_count")
    config = LlamaConfig(
        hidden_size=field("embedding_length"), num_layers=field("block_count"), num_heads=heads,
        num_kv_heads=field("attention.head_count_kv", heads), ffn_size=field("feed_forward_length"),
        vocab_size=int(by_name["token_embd.weight"].shape[1]), max_seq_len=field("context_length"),
        norm_eps=field("attention.layer_norm_rms_epsilon"), rope_base=field("rope.freq_base", 10000.0),
        rope_scaling=RopeScaling() if "rope_freqs.weight" in by_name else None,
        tie_embeddings="output.weight" not in by_name,
    )  # fmt: skip
    if config.rope_scaling is not None:
        plain = LlamaConfig(
            hidden_size=config.hidden_size, num_heads=heads, num_kv_heads=heads, rope_base=config.rope_base
        )
        divided = frequencies(plain) / torch.from_numpy(by_name["rope_freqs.weight"].data.copy()).double()
        if not torch.allclose(divided, frequencies(config), rtol=1e-4):
            raise ValueError(f"{path}: its RoPE is scaled in another way than Llama 3.1's")

    def tensors() -> Iterator[tuple[str, Tensor]]:
        for name, tensor in by_name.items():
            ours = our_name(name, "gguf")
            if ours is not None:
                whole = torch.tensor(dequantize(tensor.data, tensor.tensor_type))
                yield (
                    ours,
                    to_half_order(whole, config.head_dim) if ours.endswith(_HALF_ORDER_ROWS) else whole,
                )

    return _fill(config, tensors(), dtype, device, path)

"""What other stacks need a token, on the machine and by the clock of `breakcheck bench`.

    python benchmarks/gpu_peers.py PEER SIZE --folder CHECKOUTS --out FILE

PEER: gpt-fast, gpt-fast-int8, transformers, foundation-model-stack. CHECKOUTS holds clones named gpt-fast and
foundation-model-stack. Random weights; batch 1, 512 tokens in, 50 out; each by its own recommended way to compile.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import itertools
import json
import statistics
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

TINY = {"hidden": 64, "layers": 2, "heads": 4, "ffn": 176}
SIZES = {
    "7b": {"hidden": 4096, "layers": 32, "heads": 32, "ffn": 11008},
    "13b": {"hidden": 5120, "layers": 40, "heads": 40, "ffn": 13824},
    "tiny": TINY,
}
REPEATS = 4
Step = Callable[[torch.Tensor, int], torch.Tensor]


def clock(device: str) -> Any:
    if device == "cpu":
        return time.perf_counter()
    event = torch.cuda.Event(enable_timing=True)
    event.record()
    return event


def timed(start: Callable[[], torch.Tensor], step: Step, prompt: int, new: int, device: str) -> list[float]:
    """Milliseconds of each decode step over REPEATS runs, the first run (it compiles) dropped."""
    times: list[float] = []
    for repeat in range(REPEATS):
        token = start()
        marks = [clock(device)]
        for i in range(new):
            token = step(token, prompt + i)
            marks.append(clock(device))
        if device != "cpu":
            torch.cuda.synchronize()
        if repeat:
            times += [
                1e3 * (b - a) if device == "cpu" else a.elapsed_time(b) for a, b in itertools.pairwise(marks)
            ]
    return times


def gpt_fast(size: str, folder: Path, device: str, prompt: int, new: int, int8: bool) -> list[float]:
    sys.path.insert(0, str(folder / "gpt-fast"))
    import torch._inductor.config as inductor

    # The flags that its generate.py sets.
    inductor.coordinate_descent_tuning = True
    inductor.triton.unique_kernel_names = True
    from model import ModelArgs, Transformer  # type: ignore[import-not-found]
    from torch.nn.attention.flex_attention import create_block_mask

    shape = SIZES[size]
    with torch.device("meta"):
        model = Transformer(
            ModelArgs(
                n_layer=shape["layers"],
                n_head=shape["heads"],
                dim=shape["hidden"],
                intermediate_size=shape["ffn"],
            )
        )
        if int8:
            sys.modules["tokenizer"] = types.SimpleNamespace(get_tokenizer=None)  # type: ignore[assignment]  # wants sentencepiece
            from quantize import replace_linear_weight_only_int8_per_channel  # type: ignore[import-not-found]

            replace_linear_weight_only_int8_per_channel(model)
    model = model.to_empty(device=device)
    for tensor in [*model.parameters(), *model.buffers()]:
        if tensor.dtype == torch.int8:
            tensor.random_(-127, 128)
        else:
            tensor.data = tensor.data.bfloat16().normal_(std=0.02)
    model = model.eval()
    with torch.device(device):
        model.setup_caches(max_batch_size=1, max_seq_length=prompt + new)

    def causal(b: Any, h: Any, q: Any, kv: Any) -> Any:
        return q >= kv

    length = model.max_seq_length
    whole = create_block_mask(causal, 1, 1, length, length, device=device)

    def one(x: torch.Tensor, at: torch.Tensor, mask: Any) -> torch.Tensor:
        index = at // mask.BLOCK_SIZE[0]
        row = mask[:, :, index]
        row.mask_mod = mask.mask_mod
        row.seq_lengths = (1, length)
        logits = model(row, x, at)
        return logits[:, -1].argmax(-1, keepdim=True).to(torch.int32)

    compiled = torch.compile(one, mode="reduce-overhead", fullgraph=True)
    ids = torch.randint(32000, (1, prompt), device=device, dtype=torch.int32)

    def start() -> torch.Tensor:
        positions = torch.arange(prompt, device=device)
        mask = create_block_mask(causal, 1, 1, prompt, length, device=device)
        return model(mask, ids, positions)[:, -1].argmax(-1, keepdim=True).to(torch.int32)

    at = torch.zeros(1, dtype=torch.int64, device=device)

    def step(token: torch.Tensor, position: int) -> torch.Tensor:
        at.fill_(prompt) if position == prompt else at.add_(1)
        torch.compiler.cudagraph_mark_step_begin()
        return compiled(token, at, whole).clone()

    with torch.inference_mode():
        return timed(start, step, prompt, new, device)


def transformers_static(size: str, folder: Path, device: str, prompt: int, new: int) -> list[float]:
    from transformers import LlamaConfig, LlamaForCausalLM, StaticCache

    shape = SIZES[size]
    config = LlamaConfig(
        hidden_size=shape["hidden"], num_hidden_layers=shape["layers"], num_attention_heads=shape["heads"],
        num_key_value_heads=shape["heads"], intermediate_size=shape["ffn"], max_position_embeddings=4096,
    )  # fmt: skip
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(device):
        model = LlamaForCausalLM(config).eval()
    torch.set_default_dtype(torch.float32)
    cache = StaticCache(config=config, max_cache_len=prompt + new + 8)
    compiled = torch.compile(model.forward, mode="reduce-overhead", fullgraph=True)
    ids = torch.randint(32000, (1, prompt), device=device)

    def start() -> torch.Tensor:
        cache.reset()
        logits = model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1).logits
        return logits[:, -1].argmax(-1, keepdim=True)

    def step(token: torch.Tensor, position: int) -> torch.Tensor:
        torch.compiler.cudagraph_mark_step_begin()
        at = torch.full((1, 1), position, device=device)
        logits = compiled(input_ids=token, position_ids=at, past_key_values=cache, use_cache=True).logits
        return logits[:, -1].argmax(-1, keepdim=True)

    with torch.inference_mode():
        return timed(start, step, prompt, new, device)


def foundation_model_stack(size: str, folder: Path, device: str, prompt: int, new: int) -> list[float]:
    sys.path.insert(0, str(folder / "foundation-model-stack"))
    installed = importlib.metadata.version
    importlib.metadata.version = lambda name: (
        "0" if name == "ibm-fms" else installed(name)
    )  # a checkout has no metadata
    from fms.models.llama import LLaMA, LLaMAConfig  # type: ignore[import-not-found]

    shape = SIZES[size]
    config = LLaMAConfig(
        emb_dim=shape["hidden"], nheads=shape["heads"], nlayers=shape["layers"], max_expected_seq_len=4096
    )
    torch.set_default_dtype(torch.float16)
    with torch.device(device):
        model = LLaMA(config).eval().requires_grad_(False)
    torch.set_default_dtype(torch.float32)
    compiled = torch.compile(model, dynamic=True)
    ids = torch.randint(32000, (1, prompt), device=device)
    kept: dict[str, Any] = {}

    def keep(cache: Any) -> None:
        # As its own generate does, after the prompt too: other strides compile the whole model once more.
        kept["cache"] = [tuple(t.contiguous() for t in layer) for layer in cache]

    def start() -> torch.Tensor:
        logits, cache = model(ids, use_cache=True)
        keep(cache)
        return logits[:, -1].argmax(-1, keepdim=True)

    def step(token: torch.Tensor, position: int) -> torch.Tensor:
        at = torch.full((1, 1), position, device=device)
        for layer in kept["cache"]:
            for tensor in layer:
                torch._dynamo.mark_dynamic(tensor, 2)
        logits, cache = compiled(token, position_ids=at, past_key_value_states=kept["cache"], use_cache=True)
        keep(cache)
        return logits[:, -1].argmax(-1, keepdim=True)

    with torch.no_grad():
        return timed(start, step, prompt, new, device)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("peer")
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("--folder", type=Path, default=Path(".peers"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--device", default="cuda")
    chosen = parser.parse_args()
    prompt, new = (512, 50) if chosen.size != "tiny" else (32, 8)
    given = (chosen.size, chosen.folder, chosen.device, prompt, new)
    torch.manual_seed(0)
    begin = time.perf_counter()
    if chosen.peer == "transformers":
        import transformers

        version = transformers.__version__
        times = transformers_static(*given)
    elif chosen.peer == "foundation-model-stack":
        version = "062adf6e (GitHub)"
        times = foundation_model_stack(*given)
    else:
        version = "6ecad9b5 (GitHub)"
        times = gpt_fast(*given, int8=chosen.peer.endswith("int8"))
    result = {
        "peer": chosen.peer, "version": version, "size": chosen.size, "torch": torch.__version__,
        "prompt_tokens": prompt, "new_tokens": new, "ms_median": statistics.median(times),
        "ms_p10": statistics.quantiles(times, n=10)[0], "ms_p90": statistics.quantiles(times, n=10)[-1],
        "seconds_in_all": time.perf_counter() - begin,
    }  # fmt: skip
    known = json.loads(chosen.out.read_text()) if chosen.out.exists() else []
    chosen.out.write_text(json.dumps([*known, result], indent=1) + "\n")
    print(json.dumps(result))


if __name__ == "__main__":
    main()

"""Llama programs for `breakcheck check benchmarks/tpu_targets.py:NAME --device tpu:...`; benchmarks/tpu.py runs them.

Depths below a model's own are in the name. Nothing here has weights.
"""

from __future__ import annotations

import dataclasses

from breakcheck_models.llama.config import LlamaConfig, preset
from breakcheck_models.llama.tpu_cases import decoding_case, training_case

from breakcheck import Case


def _decode(config: LlamaConfig, mesh: dict[str, int], **options: object) -> Case:
    made = decoding_case(config, mesh=mesh, **options)  # type: ignore[arg-type]
    # The program that repeats: decode steps only, so that no prefill bucket is compiled.
    return dataclasses.replace(made, calls=list(made.calls)[-2:], warmup=1)


def llama2_70b_12_layers() -> Case:
    """70B widths, 12 layers: too large for one v5e."""
    return _decode(dataclasses.replace(preset("llama2-70b"), num_layers=12), {})


def llama2_70b_batch_32() -> Case:
    """70B in bfloat16, batch 32, length 2,048."""
    return _decode(preset("llama2-70b"), {"model": 8}, batch_size=32)


def llama2_70b_int8_batch_32() -> Case:
    """70B with INT8 weights, batch 32, length 2,048."""
    return _decode(preset("llama2-70b"), {"model": 8}, batch_size=32, int8=True)


def llama2_70b_model_16_batch_32() -> Case:
    """70B in bfloat16 on a model axis of 16, batch 32, length 2,048."""
    return _decode(preset("llama2-70b"), {"model": 16}, batch_size=32)


def llama2_70b_int8_model_16_batch_32() -> Case:
    """70B with INT8 weights on a model axis of 16, batch 32, length 2,048."""
    return _decode(preset("llama2-70b"), {"model": 16}, batch_size=32, int8=True)


def _train(name: str, num_layers: int, batch_size: int, length: int, table: str = "2d") -> Case:
    return training_case(dataclasses.replace(preset(name), num_layers=num_layers), batch_size, length, table)


def train_7b_2_layers() -> Case:
    """The source's 7B run: v4-32 (16 chips), 16 x 1, global batch 256 at 1,024; 2 layers of 32."""
    return _train("llama2-7b", 2, 256, 1024)


def train_7b_2_layers_fsdp() -> Case:
    """The same as FSDPv2: one axis."""
    return _train("llama2-7b", 2, 256, 1024, "fsdp")


def train_13b_2_layers() -> Case:
    """The source's 13B run: v4-64 (32 chips), 32 x 1, global batch 256 at 1,024; 2 layers of 40."""
    return _train("llama2-13b", 2, 256, 1024)


def train_70b_2_layers() -> Case:
    """The source's 70B run: v4-256 (128 chips), 32 x 4, global batch 512 at 1,024; 2 layers of 80."""
    return _train("llama2-70b", 2, 512, 1024)

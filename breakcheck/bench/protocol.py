"""The rows that the source's three figures need, scaled to the context of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breakcheck.bench.rows import Row, Variant

if TYPE_CHECKING:
    from breakcheck_models.llama.config import LlamaConfig

NEW_TOKENS = 50
FIGURE_1 = (Variant.EAGER, Variant.SDPA, Variant.COMPILE, Variant.COMPILE_SDPA)
LENGTHS = (1024, 2048, 4096)
BATCH_SIZES = (1, 4, 8)
CONTEXT = 4096


def shape_of(model: str) -> LlamaConfig:
    """The configuration of a row's model: a preset, or `preset:N` for its first N layers."""
    from dataclasses import replace

    from breakcheck_models.llama.config import preset

    name, _, layers = model.partition(":")
    config = preset(name)
    if not layers:
        return config
    if not layers.isdecimal() or not 1 <= int(layers) <= config.num_layers:
        raise ValueError(f"{model}: after the colon stands a number of layers, 1 to {config.num_layers}")
    return replace(config, num_layers=int(layers))


def prompt_row(
    model: str, max_seq_len: int, variant: Variant, component: str = "", batch_size: int = 1
) -> Row:
    """512 tokens in, 50 out (in proportion where the model's context is below 4,096)."""
    prompt = 512 * min(max_seq_len, CONTEXT) // CONTEXT
    return Row(model, variant, batch_size, prompt, min(NEW_TOKENS, max_seq_len - prompt), component)


def figure_rows(figure: int, model: str, max_seq_len: int, fastest: Variant | None = None) -> list[Row]:
    """The rows of one figure: 1 variants, 2 sequence lengths, 3 batch sizes at the full context.

    fastest: one more variant for the first figure, where the device has it.
    """
    if figure == 1:
        return [
            prompt_row(model, max_seq_len, variant)
            for variant in (*FIGURE_1, *([fastest] if fastest else []))
        ]

    def of_length(length: int, batch_size: int) -> Row:
        total = length * min(max_seq_len, CONTEXT) // CONTEXT
        new = min(NEW_TOKENS, total // 2)
        return Row(model, Variant.COMPILE_SDPA, batch_size, total - new, new)

    if figure == 2:
        return [of_length(length, 1) for length in LENGTHS]
    if figure == 3:
        return [of_length(CONTEXT, batch_size) for batch_size in BATCH_SIZES]
    raise ValueError(f"the figures are 1, 2 and 3, got {figure}")

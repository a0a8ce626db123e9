"""The bundled targets by name: a preset, or `preset@component` for one habit put back, or `preset@hostile`."""

from __future__ import annotations

from breakcheck import Case

PROMPT_TOKENS = 16
DECODE_CALLS = 3


def names() -> list[str]:
    """Every name that `load_case` takes."""
    from breakcheck_models.llama.config import PRESETS
    from breakcheck_models.llama.hostile.swap import COMPONENTS

    return [
        name for preset in PRESETS for name in (preset, f"{preset}@hostile", *(f"{preset}@{c}" for c in COMPONENTS))
    ]


def load_case(name: str, device: str = "cpu", dtype: str = "float32") -> Case:
    """The case called `name`: random weights drawn on `device`, a prefill and decode steps over a static cache.

    `preset@hostile` holds every component that can stand beside the others, `preset@component` only that one.
    Raises `ValueError` naming the known presets or components when there is no such name.
    """
    import torch

    from breakcheck_models.llama.config import preset
    from breakcheck_models.llama.hostile.swap import component, swap, together
    from breakcheck_models.llama.model import Llama

    preset_name, _, habit = name.partition("@")
    config = preset(preset_name)
    chosen = together() if habit == "hostile" else [component(habit).name] if habit else []
    before = torch.get_default_dtype()
    torch.manual_seed(0)
    torch.set_default_dtype(getattr(torch, dtype))
    try:
        with torch.device(device):
            model = Llama(config).eval().requires_grad_(False)
            model.allocate_cache(batch_size=1, num_slots=min(config.max_seq_len, 1024))
            for each in chosen:
                swap(model, each)
            tokens = torch.randint(config.vocab_size, (1, PROMPT_TOKENS + DECODE_CALLS))
            positions = torch.arange(PROMPT_TOKENS + DECODE_CALLS).unsqueeze(0)
    finally:
        torch.set_default_dtype(before)
    prefill = (tokens[:, :PROMPT_TOKENS], positions[:, :PROMPT_TOKENS])
    steps = [
        (tokens[:, i : i + 1], positions[:, i : i + 1]) for i in range(PROMPT_TOKENS, PROMPT_TOKENS + DECODE_CALLS)
    ]
    return Case(model, calls=[prefill, steps[0], prefill, *steps[1:]], warmup=2, name=name)

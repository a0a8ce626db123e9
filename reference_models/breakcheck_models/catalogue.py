"""The bundled targets by name: a preset, or `preset@component` for one habit put back, or `preset@hostile`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breakcheck import Case

if TYPE_CHECKING:
    from breakcheck_models.llama.model import Llama

PROMPT_TOKENS = 16
MAX_SLOTS = 128


def names() -> list[str]:
    """Every name that `load_case` takes."""
    from breakcheck_models.llama.config import PRESETS
    from breakcheck_models.llama.hostile.swap import COMPONENTS

    return [
        name
        for preset in PRESETS
        for name in (preset, f"{preset}@hostile", *(f"{preset}@{c}" for c in COMPONENTS))
    ]


def load_case(name: str, device: str = "cpu", dtype: str = "float32") -> Case:
    """The case called `name`: random weights drawn on `device`, a prefill and decode steps over a static cache.

    `preset@hostile` holds every component that can stand beside the others, `preset@component` only that one.
    Raises `ValueError` naming the known presets or components when there is no such name.
    """
    import torch

    from breakcheck_models.llama.config import preset
    from breakcheck_models.llama.hostile.swap import COMPONENTS, component, swap, swap_all
    from breakcheck_models.llama.model import Llama

    preset_name, _, habit = name.partition("@")
    config = preset(preset_name)
    chosen = list(COMPONENTS.values()) if habit == "hostile" else [component(habit)] if habit else []
    before = torch.get_default_dtype()
    torch.manual_seed(0)
    torch.set_default_dtype(getattr(torch, dtype))
    try:
        with torch.device(device):
            model = Llama(config).eval().requires_grad_(False)
            if any(each.parent == "tensor_parallel" for each in chosen):
                share_with_nobody(model)
            model.allocate_cache(batch_size=1, num_slots=min(config.max_seq_len, MAX_SLOTS))
            if habit == "hostile":
                swap_all(model)
            elif habit:
                swap(model, habit)
            tokens = torch.randint(config.vocab_size, (1, MAX_SLOTS))
            positions = torch.arange(MAX_SLOTS).unsqueeze(0)
    finally:
        torch.set_default_dtype(before)
    prefill = (tokens[:, :PROMPT_TOKENS], positions[:, :PROMPT_TOKENS])
    num_steps = max((each.calls for each in chosen), default=3)
    steps = [
        (tokens[:, i : i + 1], positions[:, i : i + 1])
        for i in range(PROMPT_TOKENS, PROMPT_TOKENS + num_steps)
    ]
    return Case(model, calls=[prefill, steps[0], prefill, *steps], warmup=2, name=name)


def share_with_nobody(model: Llama) -> None:
    """Make `model` tensor parallel on a process group of one, the default group if there is one of that size."""
    import torch.distributed as dist
    from torch._C._distributed_c10d import HashStore

    from breakcheck_models.llama.tensor_parallel import parallelize

    if not dist.is_initialized():
        dist.init_process_group(store=HashStore(), rank=0, world_size=1)
    parallelize(model, dist.new_group([dist.get_rank()], use_local_synchronization=True))

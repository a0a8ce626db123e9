"""Exchange one clean component of a model for its hostile twin, weights kept."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from enum import Enum

import torch

from breakcheck_models.llama.model import Llama
from breakcheck_models.llama.rope import reorder


class Shows(str, Enum):
    """What the runtime half observes of a component on the newest torch measured."""

    BREAK = "graph-break"
    FALLBACK = "fallback"
    RECOMPILE = "recompile-limit"
    NOTHING = "nothing"  # harmful with other versions only


@dataclass(frozen=True)
class Component:
    """A habit put back: the clean module, its hostile twin, and the classes exchanged (of equal name in both).

    calls: decode steps after which the effect has shown.
    """

    name: str
    parent: str
    classes: tuple[str, ...]
    shows: Shows
    calls: int = 3

    @property
    def clean(self) -> str:
        return f"breakcheck_models.llama.{self.parent}"

    @property
    def hostile(self) -> str:
        return f"breakcheck_models.llama.hostile.{self.name.replace('-', '_')}"


_ALL = (
    Component("complex-rope", "rope", ("RotaryEmbedding",), Shows.FALLBACK),
    Component("tensor-branch", "norm", ("RMSNorm",), Shows.BREAK),
    Component("item-slot", "kv_cache", ("KVCache",), Shows.BREAK),
    Component("tolist-slots", "kv_cache", ("KVCache",), Shows.BREAK),
    Component("growing-cache", "kv_cache", ("KVCache",), Shows.RECOMPILE, calls=12),
    # einops below 0.7 with torch below 2.13 raises on the first dynamic shape; newer ones do no harm.
    Component("einops-heads", "attention", ("Attention",), Shows.NOTHING),
    Component("sdp-kernel", "attention", ("Attention",), Shows.BREAK),
    Component("print-shape", "model", ("Llama",), Shows.BREAK),
    Component("logger-call", "model", ("FeedForward",), Shows.BREAK),
    Component("warning-call", "model", ("FeedForward",), Shows.BREAK),
    Component("assert-message", "model", ("FeedForward",), Shows.BREAK),
    Component("step-counter", "model", ("Block",), Shows.RECOMPILE, calls=12),
    Component("async-collectives", "tensor_parallel", ("SummedPart", "JoinedPart"), Shows.BREAK),
    Component("broadcast-input", "tensor_parallel", ("SummedPart",), Shows.BREAK),
    Component("barrier", "tensor_parallel", ("SummedPart",), Shows.BREAK),
)
COMPONENTS: dict[str, Component] = {each.name: each for each in _ALL}


def component(name: str) -> Component:
    """The component called exactly `name`; raises `ValueError` naming the ones there are."""
    if name not in COMPONENTS:
        raise ValueError(f"unknown hostile component {name!r}: the components are {', '.join(COMPONENTS)}")
    return COMPONENTS[name]


@torch.no_grad()
def swap(model: Llama, name: str, share: int = 0, of: int = 1) -> Llama:
    """`model` itself, computing the same numbers with the hostile component `name` in it.

    A module changes its class and nothing else, so parameters, caches and hooks stay where they are. Where the
    RoPE form has another head order, q and k projections are permuted; its table is computed anew.
    share, of: change every `of`-th module of the first class only, from the `share`-th on, so that components of one clean file can
        stand side by side in different layers.
    """
    chosen = component(name)
    clean, hostile = importlib.import_module(chosen.clean), importlib.import_module(chosen.hostile)
    twins: dict[type, type] = {getattr(clean, each): getattr(hostile, each) for each in chosen.classes}
    order = model.rope.order
    first, *others = ([m for m in model.modules() if type(m).__name__ == each] for each in chosen.classes)
    swapped = first[share::of] + sum(others, [])
    if not swapped or any(type(module) not in twins for module in swapped):
        raise ValueError(
            f"component {name!r} replaces {', '.join(chosen.classes)}, of which the model has none left"
        )
    for module in swapped:
        module.__class__ = twins[type(module)]
    if model.rope in swapped:
        model.rope.reset_table(model.norm.weight.device, model.rope.table.dtype)
    if model.rope.order != order:
        reorder(model, model.rope.order)
    return model


def swap_all(model: Llama) -> Llama:
    """`model` itself with every component in it, those of one class in layers of their own."""
    of_class: dict[str, list[str]] = {}
    for each in COMPONENTS.values():
        of_class.setdefault(each.classes[0], []).append(each.name)
    for rivals in of_class.values():
        for share, name in enumerate(rivals):
            swap(model, name, share, len(rivals))
    return model

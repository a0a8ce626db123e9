"""Exchange one clean component of a model for its hostile twin, weights kept."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

import torch

from breakcheck_models.llama.model import Llama
from breakcheck_models.llama.rope import reorder


@dataclass(frozen=True)
class Component:
    """A habit put back: the clean module, the hostile one, and the classes exchanged (of equal name in both)."""

    name: str
    clean: str
    hostile: str
    classes: tuple[str, ...]
    habit: str

    def __post_init__(self) -> None:
        assert self.classes, "a component exchanges at least one class"


def _component(name: str, clean: str, classes: str, habit: str) -> tuple[str, Component]:
    package = "breakcheck_models.llama"
    hostile = f"{package}.hostile.{name.replace('-', '_')}"
    return name, Component(name, f"{package}.{clean}", hostile, tuple(classes.split()), habit)


COMPONENTS: dict[str, Component] = dict(
    [
        _component("complex-rope", "rope", "RotaryEmbedding", "rotates complex numbers"),
    ]
)


def component(name: str) -> Component:
    """The component called exactly `name`; raises `ValueError` naming the ones there are."""
    if name not in COMPONENTS:
        raise ValueError(f"unknown hostile component {name!r}: the components are {', '.join(COMPONENTS)}")
    return COMPONENTS[name]


def together() -> list[str]:
    """The components that `@hostile` puts in at once: each clean file has one hostile twin at most."""
    seen: dict[str, str] = {}
    for each in COMPONENTS.values():
        seen.setdefault(each.clean, each.name)
    return list(seen.values())


@torch.no_grad()
def swap(model: Llama, name: str) -> Llama:
    """`model` itself, computing the same numbers with the hostile component `name` in it.

    A module changes its class and nothing else, so parameters, caches and hooks stay where they are. Where the
    RoPE form has another head order, q and k projections are permuted; its table is computed anew.
    """
    chosen = component(name)
    clean, hostile = importlib.import_module(chosen.clean), importlib.import_module(chosen.hostile)
    twins: dict[type, type] = {getattr(clean, each): getattr(hostile, each) for each in chosen.classes}
    swapped = [module for module in model.modules() if type(module) in twins]
    if not swapped:
        raise ValueError(f"component {name!r} replaces {', '.join(chosen.classes)}, of which the model has none left")
    order = model.rope.order
    for module in swapped:
        module.__class__ = twins[type(module)]
    if model.rope in swapped:
        model.rope.reset_table(model.embed.weight.device, model.rope.table.dtype)
    if model.rope.order != order:
        reorder(model, model.rope.order)
    return model

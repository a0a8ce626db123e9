"""Every tensor reachable from a model and the arguments of its calls, and the places where each is held.

A compiler that takes abstract shapes needs each tensor as an input: parameters and buffers, but also the plain
tensors in attributes, cache objects and closures. Shared tensors (tied weights) make one slot with several holders.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch

_LEAF_MODULES = ("torch", "builtins", "numpy", "jax", "collections", "logging", "threading", "enum")


@dataclass
class Slot:
    """One tensor: its dotted name in the first holder found, and how to put another tensor into every holder."""

    name: str
    tensor: torch.Tensor
    is_parameter: bool
    setters: list[Callable[[torch.Tensor], None]] = field(default_factory=list)

    def put(self, tensor: torch.Tensor) -> None:
        """Let every holder hold `tensor` instead."""
        for setter in self.setters:
            setter(tensor)


def find_slots(roots: dict[str, Any]) -> list[Slot]:
    """The slots reachable from the named objects, in the order of first sight, parameters under their usual names."""
    walk = _Walk()
    for name, root in roots.items():
        walk.visit(root, name, lambda _: None)
    return list(walk.slots.values())


class _Walk:
    def __init__(self) -> None:
        self.slots: dict[int, Slot] = {}
        self.seen: dict[int, Any] = {}

    def visit(self, value: Any, name: str, setter: Callable[[Any], None]) -> None:
        if isinstance(value, torch.Tensor):
            slot = self.slots.setdefault(id(value), Slot(name, value, isinstance(value, torch.nn.Parameter)))
            slot.setters.append(setter)
            return
        if isinstance(value, tuple):
            self._tuple(value, name, setter)
            return
        if value is None or isinstance(value, (int, float, str, bytes, type, torch.dtype, torch.device)):
            return
        if id(value) in self.seen:
            return
        self.seen[id(value)] = value  # kept, so that no id is used twice
        for key, item, set_item in _parts(value):
            self.visit(item, f"{name}.{key}" if name else str(key), set_item)

    def _tuple(self, value: tuple[Any, ...], name: str, setter: Callable[[Any], None]) -> None:
        """A tuple can't be changed: hold its items in a list and build the tuple anew on every change."""
        items = list(value)

        def set_item(index: int, item: Any) -> None:
            items[index] = item
            setter(type(value)(*items) if hasattr(value, "_fields") else tuple(items))

        for index, item in enumerate(value):
            self.visit(item, f"{name}.{index}", functools.partial(set_item, index))


def _parts(value: Any) -> Iterator[tuple[Any, Any, Callable[[Any], None]]]:
    """What an object holds: key, value, and how to set it."""
    if isinstance(value, torch.nn.Module):
        for table in (value._parameters, value._buffers, value._modules):
            yield from _mapping_parts(table)
        for key, item in list(value.__dict__.items()):
            if key not in ("_parameters", "_buffers", "_modules"):
                yield key, item, functools.partial(value.__dict__.__setitem__, key)
    elif isinstance(value, dict):
        yield from _mapping_parts(value)
    elif isinstance(value, list):
        for index, item in enumerate(list(value)):
            yield index, item, functools.partial(value.__setitem__, index)
    elif isinstance(value, types.MethodType):
        yield "", value.__self__, lambda _: None
    elif isinstance(value, functools.partial):
        yield "func", value.func, lambda _: None
        yield "args", list(value.args), lambda _: None
        yield "keywords", value.keywords, lambda _: None
    elif isinstance(value, types.FunctionType):
        names = value.__code__.co_freevars
        for key, cell in zip(names, value.__closure__ or (), strict=True):
            try:
                yield key, cell.cell_contents, functools.partial(setattr, cell, "cell_contents")
            except ValueError:  # an empty cell
                continue
    elif hasattr(value, "__dict__") and not _is_leaf(value):
        for key, item in list(vars(value).items()):
            yield key, item, functools.partial(_set_attribute, value, key)


def _mapping_parts(table: dict[Any, Any]) -> Iterator[tuple[Any, Any, Callable[[Any], None]]]:
    for key, item in list(table.items()):
        yield key, item, functools.partial(table.__setitem__, key)


def _set_attribute(holder: Any, key: str, item: Any) -> None:
    holder.__dict__[key] = item


def _is_leaf(value: Any) -> bool:
    module = type(value).__module__ or ""
    return isinstance(value, types.ModuleType) or module.split(".")[0] in _LEAF_MODULES

"""What to run: a model, the calls to make, and how. Shared by `check`, the pytest plugin and rule examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Call:
    """One call of the model: `model(*args, **kwargs)`."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


class FunctionalOptimizer(Protocol):
    """An optimiser as two functions of tensors, so that a whole training step is one program for XLA.

    init: the state of one parameter by name. update: change the parameter and its state in place.
    """

    def init(self, parameter: Any) -> Mapping[str, Any]: ...

    def update(self, parameter: Any, gradient: Any, state: Mapping[str, Any]) -> None: ...


@dataclass
class Case:
    """A model (module or any callable) and the ordered calls to observe.

    calls: each a `Call`, or a tuple of positional arguments, or a dict of keyword arguments.
    warmup: how many of the calls (counted once, in order) may compile; later ones must not recompile. With one
        call, it is repeated so that there is always a measured call.
    train: run in training mode, with backward of the summed floating outputs (or of `loss(output)`) per call.
    optimizer: with `train`, called once with the model's parameters; the optimiser it returns steps after each
        backward (`lambda parameters: torch.optim.AdamW(parameters)`).
    compile: False when the model compiles regions of itself (`module.compile()`): then it is called as it is.
    options: further keyword arguments of `torch.compile` (mode, dynamic, options).
    expect: keys `max_breaks`, `latency`, `parity`, ... that override the command line's thresholds.
    sharding: for `--mesh`, patterns of names (regular expressions that match whole) to a mesh axis, or None, for each
        dim: parameters and buffers by dotted name, `input:args.0` a call's arguments, `output:NAME` what a submodule
        returns. Every parameter and buffer must match one row.
    functional_optimizer: for `train` on the XLA devices, the update that ends the step.
    """

    model: Callable[..., Any]
    calls: Sequence[Call | tuple[Any, ...] | Mapping[str, Any]] = ((),)
    warmup: int = 1
    train: bool = False
    compile: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    loss: Callable[[Any], Any] | None = None
    optimizer: Callable[[Any], Any] | None = None
    name: str = ""
    expect: Mapping[str, Any] = field(default_factory=dict)
    sharding: Mapping[str, Sequence[str | None]] | None = None
    functional_optimizer: FunctionalOptimizer | None = None

    def __post_init__(self) -> None:
        if not callable(self.model):
            raise TypeError(f"Case.model must be callable, got {type(self.model).__name__}")
        if self.warmup < 0:
            raise ValueError(f"Case.warmup must be at least 0, got {self.warmup}")
        if not self.calls:
            raise ValueError("Case.calls is empty: give at least one call")

    def normalized(self) -> list[Call]:
        """The calls as `Call` objects, in order."""
        out = []
        for call in self.calls:
            if isinstance(call, Call):
                out.append(call)
            elif isinstance(call, Mapping):
                out.append(Call(kwargs=dict(call)))
            elif isinstance(call, tuple):
                out.append(Call(args=call))
            elif isinstance(call, list):
                out.append(Call(args=tuple(call)))
            else:
                out.append(Call(args=(call,)))
        return out

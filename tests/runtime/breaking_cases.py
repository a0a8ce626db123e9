"""The 22 breaking and 6 clean programs by which signals of graph breaks are judged (each one function or class).

The line that breaks says `# breaks`.
"""

from __future__ import annotations

import copy
import logging
import os
import random
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

LOG = logging.getLogger("case")


def item_mid_function(x: Tensor) -> Tensor:
    y = x.sin()
    z = y.sum().item()  # breaks
    return y * z


def print_before_first_op(x: Tensor) -> Tensor:
    print("start")  # breaks
    return x.sin()


def print_after_last_op(x: Tensor) -> Tensor:
    y = x.sin()
    print("end")  # breaks
    return y


def print_and_no_op(x: Tensor) -> Tensor:
    print("nothing")  # breaks
    return x


def break_in_try(x: Tensor) -> Tensor:
    y = x.sin()
    try:
        print("inside")  # breaks
    except ValueError:
        y = y + 1
    return y.cos()


class _Manager:
    def __enter__(self) -> None:
        LOG.info("in")

    def __exit__(self, *error: object) -> None:
        return None


def break_in_with(x: Tensor) -> Tensor:
    with _MANAGER:  # breaks
        y = x.sin()
    return y.cos()


def break_in_for(x: Tensor) -> Tensor:
    for i in range(3):
        x = x.sin() + i
        print("round")  # breaks
    return x


def break_in_generator(x: Tensor) -> Tensor:
    def parts() -> Iterator[Tensor]:
        for i in range(2):
            print("part")  # breaks
            yield x + i

    return sum(parts(), x)


@torch.compiler.disable
def _disabled(x: Tensor) -> Tensor:
    return x.tan()


def call_of_disabled(x: Tensor) -> Tensor:
    y = x.sin()
    y = _disabled(y)  # breaks
    return y.cos()


def branch_on_data(x: Tensor) -> Tensor:
    if x.sum() > 0:  # breaks
        return x.sin()
    return x.cos()


def logger_call(x: Tensor) -> Tensor:
    y = x.sin()
    LOG.warning("value")  # breaks
    return y.cos()


def warn_call(x: Tensor) -> Tensor:
    y = x.sin()
    warnings.warn("careful", stacklevel=1)  # breaks
    return y.cos()


def clock_read(x: Tensor) -> Tensor:
    y = x.sin()
    start = time.time()  # breaks
    return y * start


def random_branch(x: Tensor) -> Tensor:
    y = x.sin()
    if random.random() < 0.5:  # breaks
        y = y + 1
    return y.cos()


def mask_index(x: Tensor) -> Tensor:
    y = x.sin()
    z = y[y > 0]  # breaks
    return z.cos()


def to_list(x: Tensor) -> Tensor:
    y = x.sin()
    values = y.tolist()  # breaks
    return y * values[0]


def data_pointer(x: Tensor) -> Tensor:
    y = x.sin()
    if y.data_ptr() == 0:  # breaks
        y = y + 1
    return y.cos()


def deep_copy(x: Tensor) -> Tensor:
    y = x.sin()
    z = copy.deepcopy(y)  # breaks
    return z.cos()


def backward_inside(x: Tensor) -> Tensor:
    loss = (x * x).sum()
    loss.backward()  # breaks
    return loss.detach() + 1


class _Loud(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        print("backward")  # breaks
        return grad * 2


def print_in_custom_backward(x: Tensor) -> Tensor:
    y = _Loud.apply(x.sin())
    return y.cos()


def open_file(x: Tensor) -> Tensor:
    y = x.sin()
    handle = open(os.devnull)  # noqa: SIM115  # breaks
    handle.close()  # breaks
    return y.cos()


def _loud_hook(module: nn.Module, inputs: Any, output: Tensor) -> None:
    print("hook")  # breaks


class HookedModel(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(4, 4)
        self.inner.register_forward_hook(_loud_hook)

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x).sin()


class AsksForCausal(nn.Module):
    """Breaks in the `forward` of a torch module, which its own `forward` calls."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)

    def forward(self, x: Tensor) -> Tensor:
        mask = torch.full((x.shape[1], x.shape[1]), float("-inf")).triu(1)
        return self.encoder(x, mask)  # type: ignore[no-any-return]


def plain_ops(x: Tensor) -> Tensor:
    return (x.sin() + x.cos()).relu()


def kernel_context(x: Tensor) -> Tensor:
    q = x.reshape(1, 1, -1, 4)
    with sdpa_kernel(SDPBackend.MATH):
        return nn.functional.scaled_dot_product_attention(q, q, q)


def numpy_round_trip(x: Tensor) -> Tensor:
    return torch.from_numpy(np.sin(x.numpy())) + 1


class SetsAttribute(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        setattr(self, "last", x.sin())  # noqa: B010
        return self.last + 1


def complex_op(x: Tensor) -> Tensor:
    return torch.view_as_real(torch.view_as_complex(x.reshape(-1, 2)) * 1j)


def environment_read(x: Tensor) -> Tensor:
    return x + float(os.environ.get("BREAKCHECK_UNSET", "1"))


def loop_calls_helper(x: Tensor) -> Tensor:
    x = x + 1
    for _ in range(2):
        x = branching_helper(x)
    return x.cos()


def branching_helper(x: Tensor) -> Tensor:
    if x.sum() > 0:
        x = x + 1
    return x * 2


_MANAGER = _Manager()
BREAKING: dict[str, Callable[[], Callable[..., Any]]] = {
    f.__name__: (lambda f=f: f)
    for f in (
        item_mid_function, print_before_first_op, print_after_last_op, print_and_no_op, break_in_try, break_in_with,
        break_in_for, break_in_generator, call_of_disabled, branch_on_data, logger_call, warn_call, clock_read,
        random_branch, mask_index, to_list, data_pointer, deep_copy, backward_inside, print_in_custom_backward,
        open_file,
    )
}  # fmt: skip
BREAKING["forward_hook_prints"] = HookedModel
CLEAN: dict[str, Callable[[], Callable[..., Any]]] = {
    f.__name__: (lambda f=f: f)
    for f in (plain_ops, kernel_context, numpy_round_trip, complex_op, environment_read)
}
CLEAN["sets_attribute"] = SetsAttribute

"""Targets that behave badly, each in its own way; every one is run in a process of its own by the tests."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from breakcheck import Case

Pair = tuple[Callable[..., Any], Any]
X = torch.linspace(0.1, 1.0, 4)


def good() -> Pair:
    return nn.Sequential(nn.Linear(4, 4), nn.ReLU()), X


def raises() -> Pair:
    raise ValueError("no weights\nin this folder")


def returns_number() -> int:
    return 3


def model_raises() -> Pair:
    return nn.Linear(2, 3), torch.ones(7)


def segfaults() -> Pair:
    def model(x: Tensor) -> Tensor:
        os.kill(os.getpid(), signal.SIGSEGV)  # culprit: segfaults
        return x

    return model, X


def hangs() -> Pair:
    def model(x: Tensor) -> Tensor:
        while True:
            time.sleep(0.2)  # culprit: hangs

    return model, X


def leaves_by_exit() -> Pair:
    def model(x: Tensor) -> Tensor:
        os._exit(0)  # culprit: leaves_by_exit

    return model, X


def leaves_by_sys_exit() -> Pair:
    sys.exit(3)  # culprit: leaves_by_sys_exit


def eats_memory() -> Pair:
    def model(x: Tensor) -> Tensor:
        kept = []
        while True:
            kept.append(bytearray(50_000_000))
            time.sleep(0.01)

    return model, X


def floods() -> Pair:
    def model(x: Tensor) -> Tensor:
        return x + 1

    for _ in range(3000):
        print("x" * 1000)
    return model, X


def moves_about() -> Pair:
    """Changes the directory, leaves a thread, closes nothing, forks a child that comes back."""
    os.chdir("/")
    threading.Thread(target=time.sleep, args=(600,), daemon=False).start()
    if os.fork() == 0:
        raise RuntimeError("the child goes its own way")
    return good()


def branches() -> Case:
    def model(x: Tensor) -> Tensor:
        if x.sum() > 0:  # culprit: branches
            return x.sin()
        return x.cos()

    return Case(model, calls=[(X,)])


def silences_logging() -> Case:
    """Turns off all logging, which the structured trace is a part of, and lets Dynamo swallow its errors."""
    logging.disable(logging.CRITICAL)
    torch._dynamo.config.suppress_errors = True
    return branches()


def patches_compile() -> Case:
    torch.compile = lambda model, **_options: model  # type: ignore[misc, assignment]
    return branches()


def deadlocks() -> Pair:
    def model(x: Tensor) -> Tensor:
        lock = threading.Lock()
        lock.acquire()
        lock.acquire()  # culprit: deadlocks
        return x

    return model, X


def counts_calls() -> Case:
    class Counter(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.step = 0

        def forward(self, x: Tensor) -> Tensor:
            self.step += 1  # culprit: counts_calls
            return x * self.step

    return Case(Counter(), calls=[(X,)] * 4)


def disabled() -> Case:
    torch._dynamo.config.disable = True
    return Case(nn.Linear(4, 4), calls=[(X,)])


def fails_compiled() -> Case:
    @torch.library.custom_op("breakcheck_tests::no_fake", mutates_args=())
    def no_fake(x: Tensor) -> Tensor:
        return x.clone()

    def model(x: Tensor) -> Tensor:
        y = x.sin()
        return no_fake(y)  # culprit: fails_compiled

    return Case(model, calls=[(X,)])

# Near misses, odd spellings and declined fixes: linted, never run.
import threading

import torch
from torch import nn
import multiprocessing


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.RLock()
        with self.lock:  # outside the traced region
            self.ready = True

    def forward(self, x: torch.Tensor, lock: torch.Tensor) -> torch.Tensor:
        if not torch.compiler.is_compiling():
            with self.lock:
                x = x + 1
        with self.lock:  # expect: BC402
            x = x + lock
        self.lock.acquire()  # expect: BC402
        x = x + 1
        self.lock.release()  # expect: BC402
        with torch.no_grad():
            return x + 1


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        lock = threading.Lock()
        condition = threading.Condition()
        semaphore = threading.Semaphore()
        bounded = threading.BoundedSemaphore(9)
        shared = multiprocessing.Lock()
        shared_again = multiprocessing.RLock()
        lock.acquire()  # expect: BC402
        lock.release()  # expect: BC402
        condition.acquire()  # expect: BC402
        condition.release()  # expect: BC402
        semaphore.acquire()  # expect: BC402
        semaphore.release()  # expect: BC402
        bounded.acquire()  # expect: BC402
        bounded.release()  # expect: BC402
        shared.acquire()  # expect: BC402
        shared.release()  # expect: BC402
        shared_again.acquire()  # expect: BC402
        shared_again.release()  # expect: BC402
        return x

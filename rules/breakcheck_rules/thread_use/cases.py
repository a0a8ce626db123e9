# Near misses, odd spellings and declined fixes: linted, never run.
import threading
import torch
from torch import nn
import asyncio
import concurrent.futures
import multiprocessing
import queue


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if asyncio.iscoroutinefunction(print) or multiprocessing.current_process():
            x = x + 1
        task = torch.jit.fork(torch.relu, x)  # expect: BC319
        return torch.jit.wait(task)  # expect: BC319


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        event = threading.Event()
        threading.Thread(target=print)  # expect: BC319
        threading.Thread(target=print).start()  # expect: BC319, BC319
        threading.current_thread()  # expect: BC319
        event.set()  # expect: BC319
        concurrent.futures.ThreadPoolExecutor(1)  # expect: BC319
        multiprocessing.Queue()  # expect: BC319
        asyncio.new_event_loop()  # expect: BC319
        queue.Queue()  # expect: BC319
        torch.jit._fork(torch.relu, x)  # expect: BC319
        torch.futures.Future()  # expect: BC319
        return x

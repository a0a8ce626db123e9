# Near misses, odd spellings and declined fixes: linted, never run.
import threading

import torch
from torch import nn


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

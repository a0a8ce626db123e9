# Near misses, odd spellings and declined fixes: linted, never run.
import threading
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        task = torch.jit.fork(torch.relu, x)  # expect: BC319
        return torch.jit.wait(task)  # expect: BC319

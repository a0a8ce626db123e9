import threading

import torch
from torch import nn

from breakcheck import Case

LOCK = threading.Lock()


class Guarded(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with LOCK:  # expect: BC402
            return x * 2


def case() -> Case:
    return Case(Guarded(), calls=[(torch.randn(4, 8),)])

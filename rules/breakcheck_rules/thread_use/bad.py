import threading

import torch
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * 2
        self.worker = threading.get_ident()  # expect: BC319
        return y + 1


def case() -> Case:
    return Case(Block(), calls=[(torch.randn(4, 8),)])

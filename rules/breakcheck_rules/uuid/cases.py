# Near misses, odd spellings and declined fixes: linted, never run.
from uuid import uuid4
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.name = uuid4()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.request = str(uuid4())  # expect: BC310
        return x

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.ones(8)
        self.weight.retain_grad()  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.grad is None and x.is_leaf:
            x = x + 1
        x.retain_grad()  # expect: BC446
        return x

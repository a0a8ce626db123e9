# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = torch.empty(0).resize_(8)  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x.reshape(-1).view(-1)
        y.resize_as_(x)  # expect: BC427
        return y

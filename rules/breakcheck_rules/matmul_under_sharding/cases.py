# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(4, 4))

    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        x = x @ self.weight + torch.matmul(x, self.weight.t()) + x.matmul(y.T)
        x = x * y
        x = x @ y  # expect: BC807
        return x.matmul(y)  # expect: BC807

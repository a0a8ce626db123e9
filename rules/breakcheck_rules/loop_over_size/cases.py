# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.depth = 3
        self.rows = torch.ones(4, 8).shape[0]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for _ in range(self.depth):
            x = x + 1
        for _ in range(self.rows):
            x = x + 1
        for _ in range(x.dim()):
            x = x + 1
        rows = [x[i] for i in range(len(x))]  # expect: BC604
        return torch.stack(rows)

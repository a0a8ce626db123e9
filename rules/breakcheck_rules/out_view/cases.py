# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = torch.zeros(4, 16)
        torch.ones(4, 8, out=self.table[:, :8])  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.empty(4, 8)
        torch.add(x, 1, out=y)
        z = torch.empty(8, 8)
        torch.add(x, 1, out=z[:4])
        torch.add(x, 1, out=z[4:, :])
        torch.add(x, 1, out=z.t())  # expect: BC428
        torch.add(x, 1, out=self.table[..., 8:])  # expect: BC428
        return torch.cat([y, z, torch.add(x, 1, out=torch.empty(0))])  # expect: BC428

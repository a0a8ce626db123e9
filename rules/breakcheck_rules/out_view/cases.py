# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = torch.zeros(4, 16)
        torch.ones(4, 8, out=self.table[:, :8])  # outside the traced region

    def forward(self, x: torch.Tensor, n: int) -> torch.Tensor:
        y = torch.empty(4, 8)
        torch.add(x, 1, out=y)
        z = torch.empty(8, 8)
        torch.add(x, 1, out=z[:4])
        torch.add(x, 1, out=z[4:, :])
        torch.add(x[0], 1, out=z[0, 8:])
        torch.add(x[0], 1, out=z[n, :8])
        torch.add(x, 1, out=same(y))
        torch.add(x, 1, out=torch.empty(4, 8))
        torch.add(x[0], 1, out=torch.empty(8))
        torch.add(x[0], 1, out=torch.empty(n))
        torch.add(x, 1, out=torch.ones(4, 8))
        torch.add(x, 1, out=z.narrow(0, 0, 4))
        torch.add(x[:, :0], 1, out=torch.empty(size=(4, 0)))
        torch.add(x[:, None], 1, out=y[:, None])
        torch.add(x[:, 0], 1, out=y[:, 0])  # expect: BC428
        torch.add(x, 1, out=torch.empty(0, 8))  # expect: BC428
        torch.add(x, 1, out=z.T)  # expect: BC428
        torch.add(x, 1, out=z[:, ::2])  # expect: BC428
        torch.add(x, 1, out=z.t())  # expect: BC428
        torch.add(x, 1, out=self.table[..., 8:])  # expect: BC428
        return torch.cat([y, z, torch.add(x, 1, out=torch.empty(0))])  # expect: BC428


def same(y: torch.Tensor) -> torch.Tensor:
    return y

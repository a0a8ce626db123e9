# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(4, 4))

    def forward(self, x: torch.Tensor, y: torch.Tensor, holder: "Holder") -> torch.Tensor:
        x = x @ self.weight + torch.matmul(x, self.weight.t()) + x.matmul(y.T)
        x = x * y
        other = holder @ holder
        x = self.weight.matmul(x)
        x = torch.matmul(x)  # wrong, but no reason to stop
        x = x @ same(y)  # expect: BC807
        x = x @ holder.y  # expect: BC807
        x = x @ holder.inner.y  # expect: BC807
        x = x @ y  # expect: BC807
        return x.matmul(y)  # expect: BC807


class Inner:
    y: torch.Tensor


class Holder:
    y: torch.Tensor
    inner: Inner


def same(y: torch.Tensor) -> torch.Tensor:
    return y

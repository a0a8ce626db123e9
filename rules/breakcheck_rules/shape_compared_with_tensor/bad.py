import torch
from torch import nn

from breakcheck import Case


class Checked(nn.Module):
    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        longest = lengths.max()
        assert list(x.size()) == [4, longest]  # expect: BC116
        return x * 2


def case() -> Case:
    return Case(Checked(), calls=[(torch.randn(4, 8), torch.tensor([5, 8]))])

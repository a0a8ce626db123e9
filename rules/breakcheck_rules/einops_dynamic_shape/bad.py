import torch
from einops import rearrange
from torch import nn

from breakcheck import Case


class Heads(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return rearrange(x, "b t (h d) -> b h t d", h=2)  # expect: BC490


def case() -> Case:
    return Case(Heads(), calls=[(torch.ones(2, length, 8),) for length in (3, 4, 5)])

import torch
from torch import nn

from breakcheck import Case


class Chunks(nn.Module):
    def forward(self, x: torch.Tensor, sizes: list[int]) -> torch.Tensor:
        parts = torch.split(x, sizes)
        return torch.cat(parts[::-1])


def case() -> Case:
    return Case(Chunks(), calls=[(torch.arange(12.0).view(6, 2), [2, 4])])

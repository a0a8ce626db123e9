import torch
from torch import nn

from breakcheck import Case


class Mean(nn.Module):
    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        valid = (torch.arange(x.shape[1]) < lengths[:, None]).unsqueeze(-1)
        return (x * valid).sum((0, 1)) / lengths.sum()


def case() -> Case:
    return Case(Mean(), calls=[(torch.randn(2, 5, 8), torch.tensor([5, 3]))])

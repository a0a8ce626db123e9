import torch
from scipy.optimize import linear_sum_assignment
from torch import nn

from breakcheck import Case


class Block(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores = x.sum(0)
        rows, cols = linear_sum_assignment(scores.numpy()[None])  # expect: BC322
        return x * 2 + rows[0] + cols[0] * 0


def case() -> Case:
    return Case(Block(), calls=[(torch.arange(8.0).view(2, 4),)])

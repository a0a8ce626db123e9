import torch
from torch import nn

from breakcheck import Case


class Cache(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("past", torch.zeros(8, 4))

    def forward(self, x: torch.Tensor, position: int) -> torch.Tensor:
        self.past[position : position + 1] = x  # expect: BC803
        return self.past.sum(0)


def case() -> Case:
    return Case(Cache(), calls=[(torch.ones(1, 4), i) for i in range(5)], warmup=2)

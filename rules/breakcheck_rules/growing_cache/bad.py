import torch
from torch import nn

from breakcheck import Case


class Cache(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.past = torch.zeros(1, 4)

    def forward(self, x: torch.Tensor, position: torch.Tensor) -> torch.Tensor:
        self.past = torch.cat((self.past, x))  # expect: BC802
        return self.past.sum(0) + position


def case() -> Case:
    return Case(Cache(), calls=[(torch.ones(1, 4), torch.tensor([i])) for i in range(6)], warmup=2)

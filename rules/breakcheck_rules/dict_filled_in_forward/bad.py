import torch
from torch import nn

from breakcheck import Case


class Rotated(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, torch.Tensor] = {}

    def forward(self, x: torch.Tensor, kind: str) -> torch.Tensor:
        if kind not in self.tables:  # expect: BC611
            self.tables[kind] = torch.arange(8).float()
        return x * self.tables[kind]


def case() -> Case:
    return Case(Rotated(), calls=[(torch.randn(4, 8), "a")] * 3 + [(torch.randn(4, 8), "b")] * 3)

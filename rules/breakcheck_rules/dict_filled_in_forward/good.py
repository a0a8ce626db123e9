import torch
from torch import nn

from breakcheck import Case


class Rotated(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tables = {kind: torch.arange(8).float() for kind in ("a", "b")}

    def forward(self, x: torch.Tensor, kind: str) -> torch.Tensor:
        return x * self.tables[kind]


def case() -> Case:
    return Case(Rotated(), calls=[(torch.randn(4, 8), "a")] * 3 + [(torch.randn(4, 8), "b")] * 3)

import torch
from torch import nn

from breakcheck import Case


class Ragged(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.nested.nested_tensor([x, y]).to_padded_tensor(0.0)  # expect: BC441


def case() -> Case:
    return Case(Ragged(), calls=[(torch.randn(4, 8), torch.randn(2, 8))])

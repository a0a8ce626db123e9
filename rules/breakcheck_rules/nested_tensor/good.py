import torch
from torch import nn

from breakcheck import Case


class Ragged(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return torch.nn.utils.rnn.pad_sequence([x, y], batch_first=True)


def case() -> Case:
    return Case(Ragged(), calls=[(torch.randn(4, 8), torch.randn(2, 8))])

import torch
from torch import nn

from breakcheck import Case


class Tagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(8, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden, _ = self.rnn(x)  # expect: BC410
        return hidden.relu()


def case() -> Case:
    return Case(Tagger(), calls=[(torch.randn(3, 2, 8),)])

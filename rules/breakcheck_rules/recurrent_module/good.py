import torch
from torch import nn

from breakcheck import Case


class Tagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(8, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weights = self.weights
        state = torch.zeros(1, x.shape[1], 8)
        hidden, _, _ = torch.lstm(x, (state, state), weights, True, 1, 0.0, self.training, False, False)
        return hidden.relu()


def case() -> Case:
    model = Tagger()
    model.weights = list(model.rnn.parameters())
    return Case(model, calls=[(torch.randn(3, 2, 8),)])

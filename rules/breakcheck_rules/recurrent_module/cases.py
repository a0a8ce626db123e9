# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(8, 8)
        self.rnn = nn.GRU(8, 8)
        self.rnn.flatten_parameters()  # outside the traced region
        self.layers = nn.ModuleList([nn.LSTM(8, 8) for _ in range(2)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden, cell = self.cell(x[0])
        size = self.rnn.hidden_size  # expect: BC410
        x, _ = self.rnn(x)
        for layer in self.layers:
            x, _ = layer(x)  # expect: BC410
        return x + hidden + cell + size

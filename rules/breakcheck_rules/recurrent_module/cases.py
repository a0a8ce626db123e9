# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self, size: int = 8) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(8, 8)
        self.rnn = nn.GRU(8, 8)
        self.rnn.flatten_parameters()  # outside the traced region
        self.maybe = nn.LSTM(8, 8) if size else None
        self.other = nn.GRU(8, 8)
        self.third = nn.RNN(8, 8)
        self.fourth = nn.GRU(8, 8)
        self.layers = nn.ModuleList([nn.LSTM(8, 8) for _ in range(2)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden, cell = self.cell(x[0])
        size = self.rnn.hidden_size  # expect: BC410
        x, _ = self.rnn(x)
        for layer in self.layers:
            x, _ = layer(x)  # expect: BC410
        if self.maybe is None:  # expect: BC410
            x = x + 1
        x, _ = self.pick()(x)
        made = nn.RNN(8, 8)  # expect: BC410
        x, _ = made(x)
        x, _ = nn.LSTM(8, 8)(x)  # expect: BC410
        x, _ = nn.GRU(8, 8)(x)  # expect: BC410
        kept = nn.Identity()
        x = kept(x) + apply(
            self.other,  # expect: BC410
            x,
        )
        x = x + isinstance(kept, nn.LSTM)
        kept = apply(
            x,
            x,
            x,
            x,
            x,
            self.fourth,  # expect: BC410
        )
        return x + hidden + cell + size

    def pick(self) -> nn.Module:
        return self.third  # expect: BC410


def apply(layer: object, x: torch.Tensor) -> torch.Tensor:
    return x


class Passing(nn.Module):
    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, None]:
        return x, None


class Base(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down = Passing()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y, _ = self.down(x)  # expect: BC410
        return y


class Wide(nn.LSTM):
    def handle(self, x: torch.Tensor) -> torch.Tensor:
        return x


class Gated(nn.GRU):
    pass


class Plain(nn.RNN):
    pass


class Own(nn.LSTM):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


class Subclassed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.wide = Wide(8, 8)
        self.own = Own(8, 8)
        self.gated = Gated(8, 8)
        self.plain = Plain(8, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x, _ = self.gated(x)  # expect: BC410
        x, _ = self.plain(x)  # expect: BC410
        return self.wide(x)[0] + self.own(x)  # expect: BC410


class Chosen(nn.Module):
    def __init__(self, gated: bool) -> None:
        super().__init__()
        self.rnn = nn.GRU(8, 8) if gated else nn.LSTM(8, 8)
        self.some = nn.GRU(8, 8) if gated else nn.LSTM(8, 8) if self.training else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.some(x)  # expect: BC410
        return self.rnn(x)[0]  # expect: BC410


class Derived(Base):
    def __init__(self, deep: bool) -> None:
        super().__init__()
        if deep:
            self.down = nn.LSTM(8, 8)

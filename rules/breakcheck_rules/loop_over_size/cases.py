# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Sizes:
    rows: torch.Tensor


class Near(nn.Module):
    def __init__(self, config: Sizes) -> None:
        super().__init__()
        self.depth = 3
        self.names = ["a", "b"]
        self.heads = nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 8)])
        self.pair = (1, 2)
        self.axes = [1, 2]
        self.config = config
        self.rows = torch.ones(4, 8).shape[0]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for _ in range(self.depth):
            x = x + 1
        for _ in range(self.rows):
            x = x + 1
        for _ in range(x.dim()):
            x = x + 1
        for _ in range(min(x.shape[0], 4)):
            x = x + 1
        few = min(x.shape[0], x.shape[1], self.depth)
        for _ in range(few):
            x = x + 1
        for _ in range(min(x.shape[0], x.shape[1])):  # expect: BC604
            x = x + 1
        for _ in range(max(x.shape[0], 4)):  # expect: BC604
            x = x + 1
        for _ in range(x.nonzero().shape[0]):  # its length is data: tensor-range
            x = x + 1
        height, cols = x.shape
        for _ in range(height):  # expect: BC604
            x = x + 1
        most = max(x.shape[0], 4)
        for _ in range(most):  # expect: BC604
            x = x + 1
        whole = x.shape[1]
        for _ in range(whole):  # expect: BC604
            x = x + 1
        for _ in self.pick(x.shape[0]):
            x = x + 1
        for _ in enumerate(x):
            x = x + 1
        for _ in self.names:
            x = x + 1
        for _ in range(self.config.rows.shape[0]):  # expect: BC604
            x = x + 1
        for _ in reversed(range(2)):
            x = x + 1
        for _ in zip(x.shape, x.shape):
            x = x + 1
        for i in range(x.shape[2]):
            x = x + self.heads[i](x[i])
        y = sum(x[:, i] * self.axes[i] for i in range(x.shape[2]))
        lengths = (2, 3)
        for axis in range(height):
            x = x + y + lengths[axis]
        found: list[int] = []
        for name in self.names:
            found.append(len(name))
        for i in range(x.shape[2]):  # expect: BC604
            x = x + found[i]
        for i in range(x.shape[2]):  # expect: BC604
            x = x + self.pair[0] + self.heads[1](x[i])
        last = len(self.names) - 1
        rows = x.unbind(0)
        for i in range(x.shape[0]):  # expect: BC604
            x = x + rows[i] * self.pair[last]
        kinds = {i for i in range(len(x))}  # expect: BC604
        table = {i: x[i] for i in range(len(x))}  # expect: BC604
        total = sum(x[i] for i in range(len(x)))  # expect: BC604
        x = x + len(kinds) + len(table) + total
        rows = [x[i] for i in range(len(x))]  # expect: BC604
        return torch.stack(rows)

    def pick(self, rows: int) -> list[str]:
        return self.names

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
        kinds = {i for i in range(len(x))}  # expect: BC604
        table = {i: x[i] for i in range(len(x))}  # expect: BC604
        total = sum(x[i] for i in range(len(x)))  # expect: BC604
        x = x + len(kinds) + len(table) + total
        rows = [x[i] for i in range(len(x))]  # expect: BC604
        return torch.stack(rows)

    def pick(self, rows: int) -> list[str]:
        return self.names

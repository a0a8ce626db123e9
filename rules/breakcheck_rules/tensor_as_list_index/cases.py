# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Rows(nn.Module):
    def __getitem__(self, index: torch.Tensor) -> torch.Tensor:
        return index


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.experts = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
        self.embed = nn.Parameter(torch.ones(4))
        self.stack = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
        self.rows = Rows()

    def forward(self, x: torch.Tensor, index: torch.Tensor, parts: list[torch.Tensor], i: int, given: nn.ModuleList) -> torch.Tensor:
        x = parts[i] + parts[-1] + parts[0][index] + {x: 1}[x] + parts[: index.max()][0]
        x = x[index] + self.embed[index]
        x = self.stack[index.max()](x)  # expect: BC112
        x = given[index.max()](x)  # expect: BC112
        x = x + self.rows[index.max()]
        return self.experts[index.max()](x)  # expect: BC112

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.turns = torch.polar(torch.ones(2), torch.ones(2))  # outside the traced region

    def forward(self, x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
        freqs = torch.einsum("i,j->ij", x[0], x[1])
        left, right = x.chunk(2, dim=-1)
        x = x * cos + torch.cat((-right, left), dim=-1) * sin
        turns = torch.polar(torch.ones_like(freqs), freqs)  # expect: BC701
        return x * turns.real


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.complex(x, x)  # expect: BC701
        return x

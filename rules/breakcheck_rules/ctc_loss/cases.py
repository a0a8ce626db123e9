# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.ctc = nn.CTCLoss()
        self.cross = nn.CrossEntropyLoss()

    def forward(self, x: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
        a = self.cross(x, x)
        return a + self.ctc(x, x, n, n)  # expect: BC212


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        t = torch.ones(2, 2, dtype=torch.long)
        lengths = torch.full((2,), 2)
        p = (x.sum() + torch.zeros(4, 2, 3)).log_softmax(2)
        torch.ctc_loss(p, t, lengths + 2, lengths)  # expect: BC212
        return x

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

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
import torch.nn.functional as F
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.loss = nn.GaussianNLLLoss()
        self.other = nn.PoissonNLLLoss()

    def forward(self, x: torch.Tensor, y: torch.Tensor, options: dict) -> torch.Tensor:
        hidden = F.gaussian_nll_loss(x, y, **options)
        known = F.gaussian_nll_loss(x, y, 1.0)
        known = known + F.gaussian_nll_loss(x, y, var=2.0)
        learned = self.loss(x, y, x.exp())  # expect: BC118
        return hidden + known + learned + self.other(x, y)

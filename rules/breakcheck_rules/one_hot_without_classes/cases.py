# Near misses, odd spellings and declined fixes: linted, never run.
import torch.nn.functional as F
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, n: int) -> torch.Tensor:
        a = F.one_hot(x.long(), 8) + F.one_hot(x.long(), num_classes=n)
        a = a + F.one_hot(x.long(), +8)
        return a + F.one_hot(x.long(), -1)  # expect: BC210

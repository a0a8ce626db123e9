# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def sleep(self, seconds: int) -> None:
        pass

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.sleep(1)
        return x

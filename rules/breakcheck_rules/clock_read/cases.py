# Near misses, odd spellings and declined fixes: linted, never run.
import time
from datetime import datetime
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.now = datetime.now()  # expect: BC305
        y = x.time(x) if hasattr(x, "time") else x
        return y

# Near misses, odd spellings and declined fixes: linted, never run.
import gc
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.cuda.empty_cache()
        count = gc.collect()  # expect: BC314
        return x + count

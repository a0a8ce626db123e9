# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            x = x + 1
        if torch.is_grad_enabled() and torch.is_autocast_enabled():
            x = x + 1
        return x + 1 if x.is_inference() else x  # expect: BC429

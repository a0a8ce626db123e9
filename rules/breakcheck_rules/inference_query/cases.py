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


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.is_inference(x)  # expect: BC429
        return x

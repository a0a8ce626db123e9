# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, d: int) -> torch.Tensor:
        assert (x > -100).all()
        assert (x > -100).all(), "constant"
        assert (x > -100).all(), f"constant"
        assert x.shape[-1] == d, f"{x.shape} is not {d}"
        assert x.dim() == 2 and (x < 100).all(), "the last operand alone is a tensor"
        assert not (x > 100).any()  # expect: BC108
        assert (x > -100).all() and (x < 100).all(), "two"  # expect: BC108
        assert x.dim() == 2 and not (x > 100).any(), "the last operand is no tensor"  # expect: BC108
        return x

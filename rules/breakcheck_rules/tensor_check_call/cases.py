# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, n: int) -> torch.Tensor:
        torch._check(x.shape[0] == n)
        torch._assert(x.dim() == 2, "shape")
        torch._assert_async((x > 0).all())
        torch._check_tensor_all(condition=x > 0)  # no such keyword: not understood
        torch._assert(condition=(x > 0).all(), message="positive")  # expect: BC115
        torch._check_tensor_all(cond=x > 0)  # expect: BC115
        return x


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch._check_tensor_all_with(ValueError, x > 0)  # expect: BC115
        torch.testing.assert_close(x, x)  # expect: BC115
        return x

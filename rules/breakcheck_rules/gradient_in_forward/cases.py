# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import autograd, nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.func.grad(lambda t: (t * t).sum())(x)
        y = torch.func.jacrev(lambda t: t * t)(x)
        (z,) = autograd.grad(y.sum(), x, create_graph=True)  # expect: BC423
        return z + torch.autograd.functional.jacobian(lambda t: t * t, x)  # expect: BC423

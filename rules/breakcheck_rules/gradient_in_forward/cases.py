# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import autograd, nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.func.grad(lambda t: (t * t).sum())(x)
        y = torch.func.jacrev(lambda t: t * t)(x)
        (z,) = autograd.grad(y.sum(), x, create_graph=True)  # expect: BC423
        return z + torch.autograd.functional.jacobian(lambda t: t * t, x)  # expect: BC423


class Again(torch.autograd.Function):
    @staticmethod
    def forward(ctx, run, x):
        ctx.run, ctx.x = run, x
        return run(x)

    @staticmethod
    def backward(ctx, gradient):
        with torch.enable_grad():
            y = ctx.run(ctx.x)
        return None, *autograd.grad(y, ctx.x, gradient)  # expect: BC423


class Recomputed(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return Again.apply(torch.sin, x)

# Near misses, odd spellings and declined fixes: linted, never run.
from typing import Any

import torch
from torch import nn


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, store: Any) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x**3 + store.saved_variables[0]

    @staticmethod
    def backward(context: Any, grad: torch.Tensor) -> tuple[torch.Tensor, None]:
        (x,) = context.saved_tensors

        def held() -> Any:
            return context.saved_variables  # expect: BC464

        x = x + held()[0]
        return 3 * grad * x * context.saved_variables[0], None  # expect: BC464


class Near(nn.Module):
    saved_variables = 3

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return Cube.apply(x, self.store) * type(self).saved_variables * self.backward(x) * tally(self, x)

    def backward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.saved_variables

    @staticmethod
    def back(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x * ctx.saved_variables


def tally(config: Any, x: torch.Tensor) -> torch.Tensor:
    return x + config.saved_variables + Near.back(config, x)

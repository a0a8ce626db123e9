# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)
        self.scale = eval("2.0")  # outside the traced region

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.eval()
        if not torch.compiler.is_compiling():
            x.register_hook(print)
        return self.linear(x) * self.scale


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        locals()  # expect: BC451
        vars()  # expect: BC451
        (x * 2).requires_grad_().register_hook(print)  # expect: BC451
        torch.quantize_per_tensor(x, 0.1, 0, torch.qint8)  # expect: BC451
        return x

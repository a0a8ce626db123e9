# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn

TABLE = dict(globals())  # outside the traced region


class Near(nn.Module):
    def exec(self, x: torch.Tensor) -> torch.Tensor:
        return x

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.exec(x) + len(TABLE)
        if not torch.compiler.is_compiling():
            exec("pass")
        return x


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        exec("pass")  # expect: BC452
        compile("1", "", "eval")  # expect: BC452
        dir(x)  # expect: BC452
        return x

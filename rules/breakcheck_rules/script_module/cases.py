# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


@torch.jit.script
def fused(x: torch.Tensor) -> torch.Tensor:
    return x * 2


class Near(nn.Module):
    def forward(self, x: torch.Tensor, head: torch.jit.ScriptModule) -> torch.Tensor:
        if torch.jit.is_scripting() or torch.jit.is_tracing():
            x = head(x)
        x = fused(x)
        return head(x)  # expect: BC444


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.jit.script(nn.ReLU())  # expect: BC444
        torch.jit.trace(nn.ReLU(), x)  # expect: BC444
        torch.jit.load('names.pt')  # expect: BC444
        torch.jit.freeze(torch.jit.script(nn.ReLU().eval()))  # expect: BC444, BC444
        return x

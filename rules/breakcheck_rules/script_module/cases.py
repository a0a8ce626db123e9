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

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


@torch._dynamo.disable
def eager(x: torch.Tensor) -> torch.Tensor:
    print(x)
    return x


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.start = eager(torch.ones(8))  # outside the traced region

    @torch.compiler.disable(recursive=False)
    def helper(self, x: torch.Tensor) -> torch.Tensor:
        return x

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not torch.compiler.is_compiling():
            x = eager(x)
        x = self.helper(x)  # expect: BC434
        return eager(x)  # expect: BC434

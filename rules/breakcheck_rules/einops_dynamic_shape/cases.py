# Near misses, odd spellings and declined fixes: linted, never run.
import einops
import einops.einops
import torch
from einops.layers.torch import Rearrange
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fold = Rearrange("b t d -> b (t d)")

    def rearrange(self, x: torch.Tensor) -> torch.Tensor:
        return x

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.rearrange(x)
        made = Rearrange("b t d -> b (t d)")
        x = einops.repeat(x, "b t d -> b t d k", k=2).sum(-1)  # expect: BC490
        x = einops.reduce(x, "b t d -> b t", "sum")  # expect: BC490
        x = einops.einops.repeat(x, "b t -> b t d", d=2)  # expect: BC490
        x = einops.einops.rearrange(x, "b t d -> b d t")  # expect: BC490
        x = einops.einops.reduce(x, "b t d -> b t", "sum")  # expect: BC490
        return self.fold(x)  # expect: BC490

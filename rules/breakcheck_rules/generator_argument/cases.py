# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.source = None
        self.number = int("3")

    def forward(
        self, x: torch.Tensor, given: torch.Generator, maybe: torch.Generator | None = None
    ) -> torch.Tensor:
        x = x + torch.rand(8) + torch.rand(8, generator=None) + torch.rand(8, generator=maybe)
        x = x + torch.rand(8, generator=self.source) + torch.rand(8, generator=self.number)
        x = x + torch.randn(8, generator=given)  # expect: BC433
        x.normal_(generator=given)  # expect: BC433
        return x + torch.rand(8, generator=torch.default_generator)  # expect: BC433

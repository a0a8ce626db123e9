# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn

SEEN: list[torch.Tensor] = []


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[torch.Tensor] = []
        self.fresh: list[torch.Tensor] = []
        self.often: list[torch.Tensor] = []
        self.seen.append(torch.ones(8))  # outside the traced region

    def forward(self, x: torch.Tensor, given: list[torch.Tensor]) -> torch.Tensor:
        parts: list[torch.Tensor] = []
        parts.append(x)
        given.append(x)
        self.fresh.clear()
        self.fresh.append(x)
        self.often = [] if x.shape[0] > 1 else self.often
        self.often.append(x)  # expect: BC602
        SEEN.append(x)  # expect: BC602
        self.seen += [x]  # expect: BC602
        return torch.cat(parts)

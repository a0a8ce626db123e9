# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Config:
    def item(self) -> int:
        return 3

    def cpu(self) -> "Config":
        return self


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.config = Config()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x * self.config.item()
        self.config.cpu()
        rows = x.shape[0]
        kept = x.tolist()  # expect: BC801
        held = x.detach().cpu()  # expect: BC801
        return x + rows + held + len(kept)

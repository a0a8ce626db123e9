# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, torch.Tensor] = {}
        if "a" not in self.tables:  # outside the traced region
            self.tables["a"] = torch.ones(8)

    def forward(self, x: torch.Tensor, kind: str, given: dict[str, torch.Tensor]) -> torch.Tensor:
        if kind not in given:
            given[kind] = x
        if kind not in self.tables:
            raise KeyError(kind)
        if x.device.type not in self.tables:  # expect: BC611
            self.tables[x.device.type] = x
        return x

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Tables:
    tables: dict[str, torch.Tensor]


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, torch.Tensor] = {}
        self.names = ["a", "b"]
        if "a" not in self.tables:  # outside the traced region
            self.tables["a"] = torch.ones(8)

    def forward(self, x: torch.Tensor, kind: str, given: dict[str, torch.Tensor], other: Tables) -> torch.Tensor:
        if kind not in given:
            given[kind] = x
        if kind not in self.tables:
            raise KeyError(kind)
        if x.device.type not in self.tables:  # expect: BC611
            self.tables[x.device.type] = x
        if kind in self.tables:
            self.tables[kind] = x  # written over, not added
        if x.requires_grad:
            self.tables[kind] = x
        if x.shape[0] not in self.tables:
            self.tables[x.shape[0]] = x  # by size: lookup-by-size
        if (x.shape[0], kind) not in self.tables:
            self.tables[x.shape[0], kind] = x
        if kind not in self.names:
            self.names[0] = kind
        if kind not in self.tables:
            self.tables["a"] = x
        if 0 not in self.names:
            self.names[0] = kind
        if kind not in other.tables:
            other.tables[kind] = x
        if "a" != kind not in self.tables:
            self.tables[kind] = x
        return x

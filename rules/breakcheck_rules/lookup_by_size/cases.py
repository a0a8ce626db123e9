# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cache: dict[int, torch.Tensor] = {}
        self.named: dict[tuple[int, str], torch.Tensor] = {}
        self.pair = (1, 2, 3)
        self.items = [1, 2, 3]
        self.table = torch.ones(8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        width = x.shape[0]
        x = x + self.table[width] + self.table[:width]
        self.cache[0] = x
        again = self.pair[len(x)]  # expect: BC603
        again = again + self.pair[len(x)]  # looked up above
        shape = self.cache[f"{width}"]  # expect: BC603
        part = self.items[width:]
        text = self.cache.get("a") if len(self.cache) else None
        self.cache.pop()
        fetched = get(width)
        self.cache[width] = x  # expect: BC603
        self.cache[width] = x + 1  # expect: BC603
        x = x + again + shape + len(part) + fetched if text is None else x
        entry = self.cache.get(width)  # expect: BC603
        self.named[width, "a"] = x  # expect: BC603
        dims = x.shape[width]
        self.cache.setdefault(width, x)  # expect: BC603
        self.cache.pop(width)  # expect: BC603
        return x if entry is None else entry + self.named[0, "b"]


def get(width: int) -> int:
    return width

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, start: int, names: list[str], width: float, ends: list[int], table: dict) -> torch.Tensor:
        first = x[:2]
        length = x.shape[0]
        half = x[: length // 2]
        kept = names[start : start + 1]
        cut = x[: ends[0]]
        cut = x[: table["a"]]
        window = x[:, start:]  # expect: BC803
        return first.sum() + half.sum() + window.sum() + len(kept) + width

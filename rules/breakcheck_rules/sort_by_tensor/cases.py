# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, table: dict[str, int], parts: list[torch.Tensor]) -> torch.Tensor:
        names = sorted(table) + sorted(table, key=lambda name: table[name])
        first = sorted(parts, key=lambda part: part.numel())[0] + max(x.sum(), x.mean()) + max(parts)
        by_name = {"x": x, "y": x + 1}
        names = names + sorted(by_name) + sorted(x.sum(0), key=lambda part: 1)
        most = max([1, 2], key=abs) + min("ab", "cd", key=len).count("a")
        longest = max(parts, key=lambda part: part.shape[0])  # expect: BC119
        light = min(parts, key=lambda part: part.sum())  # expect: BC119
        best = sorted([part.sum() for part in parts])[0]  # expect: BC119
        best = best + sorted(x.sum(0))[0]  # expect: BC119
        max(key=len)  # wrong, but no reason to stop
        return x + len(names) + longest + first + best + light + most

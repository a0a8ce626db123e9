# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, mask: torch.Tensor | None, flag: bool, parts: list[torch.Tensor]) -> torch.Tensor:
        done = flag and x.dim() == 2
        empty = not x.shape[0]
        same = ~mask if mask is not None and not flag else x
        if not (x > 0).any() and (not flag or (x < 0).all()):  # tensor-branch
            x = x + 1
        while not (x > 0).any():  # tensor-while
            x = x + 1
        assert not (x > 0).any()  # tensor-assert-message
        y = x if not (x > 1).any() else -x  # tensor-branch
        z = [row for row in y if not row.any()]  # tensor-branch
        n = len(z) + max(x.sum(), y.sum())
        inner = -(x.sum() and n)  # expect: BC107
        many = any(row.sum() > 0 for row in x)  # expect: BC107
        whole = all(x > 0) + inner  # expect: BC107
        single = any(["a", "b"]) or many or whole  # a generator's any() gives a Python bool
        none = not (x > 0).any()  # expect: BC107
        cache = mask or {}
        first = x.sum() or len(cache)  # expect: BC107
        some = any([row.sum() > 0 for row in x])  # expect: BC107
        largest = max(x.sum(), y.sum(), key=float)
        listed = any([x.sum(), y.sum()])  # expect: BC107
        named = any(row is None for row in x)
        bare = not parts  # a list's truth is its length
        double = not not (x > 0).any()  # expect: BC107
        inside = 0 < x.sum() < 1  # expect: BC107
        inside = inside * (0 < x.shape[0] < 3) * (0 < x.sum()) + (1 < x.dim() == 2)
        inside = inside if x is mask is None else x is y is not None
        if 0 < x.sum() < 1:  # tensor-branch
            x = x + (1 < len(parts) < x.sum()) + inside
        any()  # wrong, but no reason to stop
        nested = any([row] for row in x)  # asks lists
        x = x + bare + double + nested
        minus = -(x > 0).any()
        x = x + largest + minus if listed or named else x
        return same + first if done and empty and none and some else x

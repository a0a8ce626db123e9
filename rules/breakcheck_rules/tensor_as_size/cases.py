# Near misses, odd spellings and declined fixes: linted, never run.
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("width", torch.tensor(4))

    def forward(self, x: torch.Tensor, lengths: torch.Tensor, n: int, count: torch.Tensor, names: list[int]) -> torch.Tensor:
        rows, cols = x.shape
        a = torch.zeros(rows, cols) + torch.arange(rows * cols).view(rows, cols) + torch.ones(x.shape)
        a = a.view(-1, cols).expand(rows, -1).repeat(1, n).reshape(x.shape[0], -1).view(x.dtype)
        a = a.new_full((rows,), 1.0) + torch.full((rows, 1), x.mean()) + torch.full(x.shape, lengths[0])
        a = torch.where(x > 0, lengths.max(), a).clamp(max=lengths.max()).index_select(0, lengths)
        b = torch.full((rows, lengths.max()), 0.0)  # expect: BC209
        c = x.new_zeros((n, lengths.max()))  # expect: BC209
        d = nn.functional.pad(x, (0, lengths.max()))  # expect: BC209
        e = x.narrow(0, 0, length=lengths.max())  # expect: BC209
        f = x.view(torch.div(x.size(0), 2, rounding_mode="trunc"), 2, -1)  # expect: BC209
        longest = lengths.max()
        g = x.view(longest, -1)  # expect: BC209
        for length in lengths:
            g = g + torch.arange(length)  # expect: BC209
        sizes = [row.sum() for row in lengths]
        g = torch.cat(x.split(sizes)) + g  # expect: BC209
        half = torch.div(x.size(0), 2, rounding_mode="trunc") - 1
        a = a + x.new_zeros((half + 1, 2)) + x.new_zeros(count) + x.new_zeros(self.width)
        h = x.view(np.prod(x.shape))  # expect: BC209
        i = np.zeros((2, np.sum(names)))  # expect: BC209
        a = a + h + i.sum() + x.view(int(math.prod(x.shape))) + np.zeros((2, np.max(n, 0))).sum()
        given = [count, count]
        twice = (lengths.max() * 2, 3)
        left, right = lengths
        low, high = names
        a = a + x.view(any_shape(names))
        a = a + x.view(left, -1)  # expect: BC209
        a = a + x.view(low, high) + x.view(*x.shape)
        a = a + x.new_zeros((-lengths.max(), 2))  # expect: BC209
        a = a + x.new_zeros(lengths[0])  # expect: BC209
        a = a + x.new_zeros(lengths[0] + 1)  # expect: BC209
        a = a + x.new_zeros(n - 1) + x.new_zeros(names[0])
        a = a + np.zeros((2, len(given))) + np.zeros(int(np.ceil(2.5)))
        a = a + torch.roll(x, twice[1])
        for name in names:
            a = a + x.new_zeros(name)
        flat = helper(lengths)
        a = a + x.new_zeros(flat)  # expect: BC209
        given = lengths.min()
        a = a + x.new_zeros(given)  # expect: BC209
        late = 3
        a = a + x.new_zeros(late)
        late = lengths.max()
        whole = torch.tensor(4)
        a = a + x.new_zeros(whole) + x.new_zeros(whole * 2)
        mixed = torch.div(lengths.max(), x.shape[0])
        a = a + x.new_zeros(mixed)  # expect: BC209
        between = lengths.max()
        between_too = between.abs()
        a = a + x.new_zeros(between) + late + between_too  # expect: BC209
        wide = lengths.max()
        rows = x.nonzero()
        a = a + x.new_zeros(wide) + rows
        self.last = x
        same = count
        a = a + x.new_zeros(same)
        twice_longest = longest * 2
        a = a + x.new_zeros(twice_longest)  # expect: BC209
        drawn = draw(4)
        a = a + x.new_zeros(drawn)  # expect: BC209
        a = a + x.view(*lengths)
        count = lengths.max()
        return a + b + c + d + e + f + g


def any_shape(names: list[int]) -> list:
    return [name for name in names if name]


def draw(most: int) -> torch.Tensor:
    return torch.rand(most).max().long()


def helper(lengths: torch.Tensor) -> torch.Tensor:
    return lengths.max()


class Paired(nn.Module):
    def forward(self, x: torch.Tensor, lengths: torch.LongTensor) -> torch.Tensor:
        kept = lengths * 2
        out = x
        for row, size in zip(x, kept, strict=True):
            out = out + row.new_zeros((size,))  # expect: BC209
        for name, width in zip(["a", "b"], [1, 2], strict=True):
            out = out + x.new_zeros((width,)) + len(name)
        for name, length in zip(["a", "b"], kept, strict=True):
            out = out + x.new_zeros((length,)).sum() + len(name)  # expect: BC209
        for (row, _), depth in zip(zip(x, x, strict=True), kept, strict=True):
            out = out + row.new_zeros((depth,)).sum()  # expect: BC209
        for left, _ in torch.stack((lengths, lengths), dim=1):
            out = out + x.new_zeros((left,)).sum()  # expect: BC209
        pairs = torch.stack((lengths, lengths), dim=1)
        for low, _ in pairs:
            out = out + x.new_zeros((low,)).sum()  # expect: BC209
        return out + x.split([part.sum() for part in (lengths[:2], lengths[2:])], dim=1)[0]  # expect: BC209


def parted(x: torch.Tensor, shapes: torch.Tensor) -> torch.Tensor:
    return x.split([height * width for height, width in shapes], dim=1)[0]


def parted_by_data(x: torch.Tensor, shapes) -> torch.Tensor:
    return x.split([height * width for height, width in shapes], dim=1)[0]  # expect: BC209


class Parted(nn.Module):
    def forward(self, x: torch.Tensor, shapes=None) -> torch.Tensor:
        return parted(x, shapes) + parted_by_data(x, (x * 2).long())


class Inlined(nn.Module):
    def sized(self, x: torch.Tensor, height: int) -> torch.Tensor:
        return x.new_zeros((height, 2)).sum()  # expect: BC209

    def plain(self, x: torch.Tensor, height: int) -> torch.Tensor:
        return x.new_zeros((height, 2)).sum()

    def forward(self, x: torch.Tensor, shapes: torch.LongTensor, lengths: list[int], count: torch.Tensor) -> torch.Tensor:
        out = x
        for height, _ in shapes:
            out = out + self.sized(x, height)
        for height in lengths:
            out = out + self.plain(x, height)
        for level, (height, width) in enumerate(shapes):
            out = out + x.view(height, width) + level
        return out + self.plain(x, count)


class Repeated(nn.Module):
    def forward(self, x: torch.Tensor, lengths: torch.LongTensor, n: int, count: torch.Tensor) -> torch.Tensor:
        ends = [0] * n + [0] * len(x) + [0] * count
        for length in lengths:
            ends += [1] * (length // 2)  # expect: BC209
        ends += lengths.max() * (1, 2)  # expect: BC209
        return x + len(ends) + lengths.max() * 2


class Scaled(nn.Module):
    def __init__(self, factors: list[int]) -> None:
        super().__init__()
        self.scale = np.prod(factors)

    def forward(self, x: torch.Tensor, n: int) -> torch.Tensor:
        noise = torch.randn([x.shape[0], x.shape[1] * self.scale])  # expect: BC209
        step = self.scale * 2
        padded = F.pad(x, (0, step))  # expect: BC209
        power = np.power(2, n)
        for each in np.arange(3):
            padded = padded + x.new_zeros(each).sum()
        padded = padded + x.new_zeros(power).sum() + x.new_zeros(np.power(2, n) * 2).sum()
        whole = self.scale
        same = x.new_zeros(whole)
        return noise.sum() + x.new_zeros(self.scale).sum() + x.repeat(1, n * 2) + padded.sum() + same.sum()


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n = x.max().long()
        square = x.reshape(2, 2)
        np.ones(np.prod(square.shape))  # expect: BC209
        np.empty(np.prod(square.shape))  # expect: BC209
        np.full(np.prod(square.shape), 1.0)  # expect: BC209
        x.expand(n)  # expect: BC209
        x.new_full((3,), x.sum())  # expect: BC209
        torch.scalar_tensor(x.sum())  # expect: BC209
        F.pad(x, (0, n))  # expect: BC209
        x.new_zeros(n)  # expect: BC209
        x.new_ones(n)  # expect: BC209
        x.new_empty(n)  # expect: BC209
        x.repeat(n, 1)  # expect: BC209
        x.tile(n, 1)  # expect: BC209
        x.reshape(n, -1)  # expect: BC209
        x.unflatten(0, (n, -1))  # expect: BC209
        x.chunk(n)  # expect: BC209
        x.unfold(0, n, 1)  # expect: BC209
        square.tril(n)  # expect: BC209
        square.triu(n)  # expect: BC209
        x.topk(n)  # expect: BC209
        x.roll(n, 0)  # expect: BC209
        torch.zeros(n)  # expect: BC209
        torch.ones(n)  # expect: BC209
        torch.empty(n)  # expect: BC209
        torch.rand(n)  # expect: BC209
        torch.randn(n)  # expect: BC209
        torch.eye(n)  # expect: BC209
        torch.randperm(n)  # expect: BC209
        torch.randint(0, n, (3,))  # expect: BC209
        torch.tril_indices(n, 4)  # expect: BC209
        torch.triu_indices(n, 4)  # expect: BC209
        torch.narrow(x, 0, 0, n)  # expect: BC209
        torch.split(x, n)  # expect: BC209
        torch.chunk(x, n)  # expect: BC209
        torch.topk(x, n)  # expect: BC209
        torch.roll(x, n, 0)  # expect: BC209
        torch.reshape(x, (n, -1))  # expect: BC209
        torch.tril(square, n)  # expect: BC209
        torch.triu(square, n)  # expect: BC209
        torch.full_like(x, n)  # expect: BC209
        torch.linspace(0, 1, n)  # expect: BC209
        F.interpolate(square[None], n)  # expect: BC209
        F.one_hot(x.long(), n + 1)  # expect: BC209
        F.dropout(x, x.max() / 10)  # expect: BC209
        return x

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self, dim: int, drop: float, layers: int) -> None:
        super().__init__()
        self.dim = dim
        self.drop = drop
        self.register_buffer("ready", torch.tensor(False))
        self.layers = nn.ModuleList([nn.Linear(dim, dim) for _ in range(layers)])

    def forward(self, x: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        if mask is not None and x.shape[-1] != self.dim:
            x = x[..., : self.dim]
        if x.dim() == 2 or x.is_cuda or len(x) > 3 or x.dtype == torch.float16:
            x = x + 1
        if x.numel() == 0 or isinstance(x, nn.Parameter) or self.training:
            x = x + 1
        if x.dtype == torch.float16:
            x = x + 1
        if mask is not None and torch.all(mask == 1):  # expect: BC104
            mask = None
        for layer in self.layers:
            if self.training and torch.rand([]) < self.drop:  # expect: BC104
                continue
            x = layer(x)
        if self.ready:  # expect: BC104
            x = x * 2
        if not torch.isfinite(x).all():  # expect: BC104
            x = x.clamp(-1, 1)
        if x.dtype == torch.float16 and torch.isinf(x).any():  # half-precision-branch
            x = x.clamp(-1, 1)
        if x.dtype != torch.float16 and torch.isinf(x).any():  # expect: BC104
            x = x.clamp(-1, 1)
        if x.dtype == torch.float16 or torch.isinf(x).any():  # expect: BC104
            x = x.clamp(-1, 1)
        if x.dtype == torch.float32 and torch.isinf(x).any():  # expect: BC104
            x = x.clamp(-1, 1)
        if torch.isnan(x).any():  # tensor-guard
            raise ValueError("NaN")
        if torch.isneginf(x).any():  # expect: BC104
            raise ValueError("infinite")
        else:
            x = x + 1
        dropped = False
        if self.training and self.drop > 0:
            dropped = torch.rand([]) < self.drop  # expect: BC104
        if not dropped:
            x = x + 1
        late = False
        if self.training:
            late = x.sum() > 0
        x = x + 1
        x = x + 1
        x = x + 1
        x = x + 1
        x = x - 1 if late else x  # expect: BC104
        other = x if self.training else "a"
        if other is not None and other == "a":
            x = x + 1
        if mask is not None and mask.any():  # expect: BC104
            x = x + 1
        if mask is None or mask.any():  # expect: BC104
            x = x + 1
        if [x.dtype == torch.float16, torch.isinf(x).any()][1]:  # expect: BC104
            x = x + 1
        if (x.dtype == torch.float16).__and__(True):
            x = x + 1
        if helper(x).any():  # expect: BC104
            x = x + 1
        sums = {name: row for name, row in zip("ab", x) if row.sum() > 0}  # expect: BC104
        kinds = {row.dtype for row in x if row.sum() > 0}  # expect: BC104
        first = next(row for row in x if row.sum() > 0)  # expect: BC104
        x = x + len(sums) + len(kinds) + first
        rows = [row for row in x if row.sum() > 0]  # expect: BC104
        skip = True if self.training and x.mean() < 0 else False  # expect: BC104
        return rows[0] if skip else x


def helper(x: torch.Tensor) -> torch.Tensor:
    return x > 0


class Layers(nn.Module):
    def forward(self, x: torch.Tensor, rate: float) -> torch.Tensor:
        for _ in range(3):
            skip = torch.rand([]) < rate
            if not skip:  # expect: BC104
                x = x + 1
            if skip:  # the frame was given up at the first question
                x = x * 1
        drop = torch.rand([]) < rate
        if not drop:  # expect: BC104
            x = x + 1
        if drop:  # expect: BC104
            x = x * 1
        return x


class Asked(nn.Module):
    def forward(self, x: torch.Tensor, rate: float) -> torch.Tensor:
        skip = False
        if self.training:
            skip = torch.rand([]) < rate
        for _ in range(3):
            if skip:  # expect: BC104
                x = x + 1
            if skip:  # the frame was given up at the first question
                x = x * 1
        return x


class AskedWithMore(nn.Module):
    def forward(self, x: torch.Tensor, n: int) -> torch.Tensor:
        for _ in range(3):
            if n:
                x = x + 1
            if n and x.sum() > 0:  # expect: BC104
                x = x * 2
        return x

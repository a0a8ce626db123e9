# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


def same(order):
    return order


class Named(nn.Module):
    def forward(self, x: torch.Tensor, token_mask: torch.Tensor, kept: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
        """Selects.

        Args:
            kept (`torch.Tensor` of shape `(batch_size,)`):
                Boolean, which rows to keep.
            order (`torch.Tensor`): Their order.
        """
        x[token_mask] = 0.0
        x = x[order] + x[order.long()] + x[order.view(-1)]
        x = x[same(order)] + x[-order] + x[token_mask.cumsum(0).clamp(max=0)]
        x = x[token_mask.to(x.device).view(-1)]  # expect: BC203
        x = x[~order]  # expect: BC203
        x = x[kept]  # expect: BC203
        return x[token_mask]  # expect: BC203


class Told(nn.Module):
    def forward(self, x: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
        return x[order]


class Near(nn.Module):
    def forward(self, x: torch.Tensor, mask: torch.Tensor, ids: torch.LongTensor, flag: bool) -> torch.Tensor:
        y = x.clone()
        y[y > 0] = 0.0
        y[~mask] = x[0] + {mask.bool(): 1.0}[mask.bool()] + y["bool" in str(y.dtype)]
        y[0] += y[1]
        y = y[ids] + y[:, 0] + y[..., None] + y[None]
        y = y + x[flag] + x[True]
        picked = y[mask.bool()]  # expect: BC203
        other = x[:, 0][x[:, 0] != 0]  # expect: BC203
        y[y > 1] += 1  # expect: BC203
        both = x[(x > 0) & (x < 1)]  # expect: BC203
        return y[mask.bool(), 0] + picked + other + both  # expect: BC203

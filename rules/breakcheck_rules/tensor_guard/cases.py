# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self, dim: int, token: int) -> None:
        super().__init__()
        self.dim = dim
        self.token = token

    def forward(self, ids: torch.Tensor, features: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        if features.shape[-1] != self.dim:
            raise ValueError(f"expected {self.dim}, got {features.shape[-1]}")
        if mask is None and features.dim() != 3:
            raise ValueError("no mask")
        if not torch.compiler.is_compiling() and torch.isnan(features).any():
            raise ValueError("NaN")
        count = (ids == self.token).sum()
        if count != features.shape[0]:  # expect: BC105
            message = f"{features.shape[0]} features"
            raise ValueError(message)
        if self.dim == 1:
            features = features + 1
        elif count > 2:  # expect: BC105
            raise ValueError("more than two")
        if count > 3:  # tensor-branch
            features = features + 1
        if count > 4:  # tensor-branch
            raise ValueError("many")
        else:
            features = features + 1
        return features

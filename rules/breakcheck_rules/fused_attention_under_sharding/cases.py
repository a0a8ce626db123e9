# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Fused:
    def scaled_dot_product_attention(self, q: torch.Tensor) -> torch.Tensor:
        return q


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fused = Fused()

    def forward(self, q: torch.Tensor) -> torch.Tensor:
        q = self.fused.scaled_dot_product_attention(q)
        return torch.nn.functional.scaled_dot_product_attention(q, q, q, is_causal=True)  # expect: BC811

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        jagged = torch.nested.nested_tensor([x, y], layout=torch.jagged)
        strided = torch.nested.as_nested_tensor([x, y])  # expect: BC441
        return jagged.to_padded_tensor(0.0) + strided.to_padded_tensor(0.0)

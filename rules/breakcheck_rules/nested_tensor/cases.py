# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor, layout: torch.layout) -> torch.Tensor:
        jagged = torch.nested.nested_tensor([x, y], layout=torch.jagged)
        strided = torch.nested.as_nested_tensor([x, y])  # expect: BC441
        either = torch.nested.nested_tensor([x, y], layout=layout)
        plain = torch.nested.nested_tensor([x, y], layout=torch.strided)  # expect: BC441
        return jagged.to_padded_tensor(0.0) + strided.to_padded_tensor(0.0)

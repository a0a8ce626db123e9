# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        if x.is_floating_point() and torch.is_tensor(y) and not x.is_complex():
            x = x.to(torch.promote_types(x.dtype, y.dtype))
        if not torch.compiler.is_compiling():
            x = x.to(torch.result_type(x, y))
        return x.to(torch.result_type(x, y))  # expect: BC460


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.result_type(x, x)  # expect: BC460
        torch.can_cast(x.dtype, x.dtype)  # expect: BC460
        torch.is_storage(x)  # expect: BC460
        torch.typename(x)  # expect: BC460
        torch.is_conj(x)  # expect: BC460
        torch.is_neg(x)  # expect: BC460
        torch.is_signed(x)  # expect: BC460
        torch.is_distributed(x)  # expect: BC460
        x.is_conj()  # expect: BC460
        x.is_neg()  # expect: BC460
        x.is_signed()  # expect: BC460
        x.is_same_size(x)  # expect: BC460
        x.is_set_to(x)  # expect: BC460
        x.is_distributed()  # expect: BC460
        x.dense_dim()  # expect: BC460
        x.sparse_dim()  # expect: BC460
        x[1:].storage_offset()  # expect: BC460
        return x

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = checkpoint(torch.sin, x, use_reentrant=False)
        values, _ = torch.lobpcg(x, 2)  # expect: BC462
        return y + values.sum()


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.lobpcg(torch.eye(8), 1)  # expect: BC462
        torch.utils.data.get_worker_info()  # expect: BC462
        torch.utils.swap_tensors(x + 1, x + 2)  # expect: BC462
        torch.masked.masked_tensor(x, x > 0)  # expect: BC462
        torch.jit.isinstance(x, torch.Tensor)  # expect: BC462
        torch.autograd.Variable(x)  # expect: BC462
        torch.jit.fork(torch.add, x, 1)  # expect: BC462
        return x

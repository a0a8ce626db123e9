# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn

torch.set_num_threads(1)  # outside the traced region


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.set_default_dtype(torch.float32)
        if torch.get_default_dtype() is torch.float32 and torch.is_grad_enabled():
            x = x + 1
        return x * torch.get_num_threads()  # expect: BC439


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.set_num_threads(1)  # expect: BC439
        torch.set_num_interop_threads(1)  # expect: BC439
        torch.get_num_interop_threads()  # expect: BC439
        torch.get_default_device()  # expect: BC439
        torch.get_float32_matmul_precision()  # expect: BC439
        torch.get_deterministic_debug_mode()  # expect: BC439
        torch.is_deterministic_algorithms_warn_only_enabled()  # expect: BC439
        torch.is_anomaly_enabled()  # expect: BC439
        torch.set_anomaly_enabled(False)  # expect: BC439
        torch.is_warn_always_enabled()  # expect: BC439
        torch.set_flush_denormal(False)  # expect: BC439
        torch.get_autocast_cpu_dtype()  # expect: BC439
        return x

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn

HALF = torch.cuda.is_bf16_supported()  # outside the traced region


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if torch.cuda.is_available() and torch.backends.cudnn.enabled and HALF:
            x = x + 1
        kind = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16  # expect: BC456
        return x.to(kind)


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.cuda.is_bf16_supported()  # expect: BC456
        torch.backends.cudnn.is_available()  # expect: BC456
        torch.backends.mkldnn.is_available()  # expect: BC456
        torch.backends.mkl.is_available()  # expect: BC456
        torch.backends.openmp.is_available()  # expect: BC456
        torch.backends.opt_einsum.is_available()  # expect: BC456
        torch.backends.cuda.is_built()  # expect: BC456
        torch.backends.cuda.math_sdp_enabled()  # expect: BC456
        torch.backends.cuda.mem_efficient_sdp_enabled()  # expect: BC456
        torch.backends.cuda.preferred_linalg_library()  # expect: BC456
        torch.backends.cpu.get_cpu_capability()  # expect: BC456
        torch.cpu.is_available()  # expect: BC456
        torch.cpu.device_count()  # expect: BC456
        torch.cpu.current_device()  # expect: BC456
        torch.cpu._is_avx2_supported()  # expect: BC456
        torch.accelerator.device_count()  # expect: BC456
        torch.is_vulkan_available()  # expect: BC456
        torch.hub.get_dir()  # expect: BC456
        return x

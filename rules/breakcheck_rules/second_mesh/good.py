import torch
from torch import nn

from breakcheck import Case


class Up(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.up = nn.Linear(64, 128, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.up(x)
        if x.device.type == "xla":
            from torch_xla.distributed import spmd

            mesh = spmd.Mesh(range(8), (2, 4), ("data", "model"))
            spmd.mark_sharding(hidden, mesh, ("data", None, "model"))
            hidden = torch.relu(hidden)
            spmd.mark_sharding(hidden, mesh, ("data", None, "model"))
            return hidden
        return torch.relu(hidden)


def case() -> Case:
    torch.manual_seed(0)
    calls = [(torch.randn(8, 16, 64),) for _ in range(2)]
    sharding = {r"up\.weight": ("model", "data"), r"input:args\.0": ("data", None, None)}
    return Case(Up().requires_grad_(False), calls=calls, sharding=sharding)

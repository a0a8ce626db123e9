import torch
from torch import nn

from breakcheck import Case


def build_and_run(x: torch.Tensor) -> torch.Tensor:
    device = torch.device("xla") if x.device.type == "xla" else x.device
    layer = nn.Linear(64, 64, bias=False)
    nn.init.constant_(layer.weight, 0.5)
    layer = layer.to(device)  # expect: BC810
    return layer(x)


def case() -> Case:
    return Case(build_and_run, calls=[(torch.ones(2, 64) * i,) for i in range(4)])

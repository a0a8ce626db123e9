# Near misses, odd spellings and declined fixes: linted, never run.
import torch
import torch_xla
from torch import nn


def train(x: torch.Tensor, rows: list) -> None:
    device = torch_xla.device()
    host = torch.device("cpu")
    x = x.to(device)
    nn.Linear(2, 2).to(host)
    nn.Linear(2, 2).to("cuda")
    with torch.device("meta"):
        empty = nn.Linear(2, 2)
    empty.to(device)
    nn.Linear(2, 2).to(device)  # expect: BC810
    model = nn.Sequential(nn.Linear(2, 2))
    model.to("xla")  # expect: BC810

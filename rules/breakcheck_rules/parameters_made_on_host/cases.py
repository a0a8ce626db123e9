# Near misses, odd spellings and declined fixes: linted, never run.
import torch
import torch_xla
from torch import nn


def train(x: torch.Tensor, rows: list, box: object) -> None:
    device = torch_xla.device()
    host = torch.device("cpu")
    x = x.to(device)
    nn.Linear(2, 2).to(host)
    nn.Linear(2, 2).to("cuda")
    with torch.device("meta"):
        empty = nn.Linear(2, 2)
    empty.to(device)
    nn.Linear(2, 2).to(dtype=torch.bfloat16)
    nn.Linear(2, 2).to(0)
    box.model = nn.Linear(2, 2)
    box.model.to(device)
    torch.Tensor([1.0]).to(device)
    nn.Linear(2, 2).to(pick("xla"))
    nn.Linear(2, 2).to(torch.device(type="cpu"))
    with torch.device(host):
        nn.Linear(2, 2).to(device)
    with on_meta():
        nn.Linear(2, 2).to(device)
    with init_empty_weights():
        nn.Linear(2, 2).to(device)
    with torch.no_grad():
        nn.Linear(2, 2).to(device)  # expect: BC810
    made = nn.Linear(2, 2)
    with on_meta():
        made.to(device)
    nn.Linear(2, 2).to(device)  # expect: BC810
    model = nn.Sequential(nn.Linear(2, 2))
    model.to("xla")  # expect: BC810

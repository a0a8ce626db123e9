# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn
from torch.nn import Buffer


class Holder:
    table: torch.Tensor


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Buffer(torch.ones(8))
        self.weight = nn.Parameter(torch.ones(8))
        self.register_buffer("count", torch.ones(8))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        used = nn.Buffer(torch.ones(8))
        self.register_buffer("late", torch.ones(8))
        self.plain = torch.ones(8)
        holder = Holder()
        holder.table = nn.Buffer(torch.ones(8))
        self.other: torch.Tensor = Buffer(torch.ones(8))  # expect: BC448
        self.count = self.count.to(x.device)
        self.weight = self.weight.to(x.device)
        moved = self.table.to(x.device)
        self.table = self.table + moved
        return x * used


class Moved(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Buffer(torch.ones(8))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.table = self.table.to(x.device)  # expect: BC448
        self.copied = self.table.clone()
        return x * self.table * self.copied


class MovedByName(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Buffer(torch.ones(8))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        table = self.table
        self.table = table.to(x.device)  # expect: BC448
        made = nn.Buffer(torch.ones(8))
        self.made = made.float()  # expect: BC448
        return x * self.table * self.made


class Loss(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Buffer(torch.ones(8))  # expect: BC448

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.weight


class Judged(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        criterion = Loss()
        return criterion(x)

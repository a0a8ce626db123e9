# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn

SEEN: list[torch.Tensor] = []


class Holder:
    seen: list[torch.Tensor]


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[torch.Tensor] = []
        self.fresh: list[torch.Tensor] = []
        self.often: list[torch.Tensor] = []
        self.total = 0
        self.shapes: tuple[torch.Size, ...] = ()
        self.pairs: dict[str, list[torch.Tensor]] = {}
        self.names: list[str] = []
        self.kinds: set[str] = set()
        self.table: dict[str, torch.Tensor] = {}
        self.cut: list[torch.Tensor] = []
        self.cut_too: list[torch.Tensor] = []
        self.ored: list[torch.Tensor] = []
        self.anew: list[torch.Tensor] = []
        self.popped: list[torch.Tensor] = []
        self.other: list[torch.Tensor] = []
        self.seen.append(torch.ones(8))  # outside the traced region

    def forward(self, x: torch.Tensor, given: list[torch.Tensor], other: Holder) -> torch.Tensor:
        parts: list[torch.Tensor] = []
        parts.append(x)
        given.append(x)
        self.fresh.clear()
        self.fresh.append(x)
        self.often = [] if x.shape[0] > 1 else self.often
        self.often.append(x)  # expect: BC602
        SEEN.append(x)  # expect: BC602
        self.seen += [x]  # expect: BC602
        self.total += 1
        self.shapes += (x.shape,)  # expect: BC602
        (self.often or []).append(x)
        self.often -= [x]
        self.pairs["a"].append(x)
        self.names.extend(["a"])  # expect: BC602
        self.names.insert(0, "a")  # expect: BC602
        self.kinds.add("a")  # expect: BC602
        self.table.update(a=x)
        other.seen.append(x)  # no module's
        del self.cut[:]
        self.cut.append(x)
        self.cut_too[:] = []
        self.cut_too.append(x)
        self.ored = self.ored or []
        self.ored.append(x)  # expect: BC602
        self.anew = list(given)
        self.anew.append(x)
        self.popped.pop()
        self.popped.append(x)
        parts.pop()
        self.other.append(x)  # expect: BC602

        def keep(y: torch.Tensor) -> None:
            parts.append(y)  # the list of the enclosing call

        keep(x)
        local = [x]
        local += [x]
        bag: list[torch.Tensor]
        bag = []
        bag.append(x)
        grow = lambda y: SEEN.append(y)
        grow(x)
        for row in [given]:
            row.append(x)
        return torch.cat(parts)

# Near misses, odd spellings and declined fixes: linted, never run.
import torch
from torch import nn


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)  # outside the traced region
        self.generator = torch.Generator()

    def forward(self, x: torch.Tensor, generator: torch.Generator | None = None) -> torch.Tensor:
        x = x + torch.rand(8) + torch.randn_like(x) + torch.bernoulli(x.sigmoid())
        state = torch.get_rng_state()  # expect: BC432
        torch.cuda.manual_seed_all(3)  # expect: BC432
        self.generator.manual_seed(3)  # expect: BC432
        if generator is not None:
            x = x + 1
        return x + state[0]


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state = torch.zeros(1)
        torch.random.manual_seed(0)  # expect: BC432
        torch.cuda.manual_seed(0)  # expect: BC432
        torch.cuda.random.manual_seed(0)  # expect: BC432
        torch.cuda.random.manual_seed_all(0)  # expect: BC432
        torch.initial_seed()  # expect: BC432
        torch.random.initial_seed()  # expect: BC432
        torch.set_rng_state(torch.random.get_rng_state())  # expect: BC432, BC432
        torch.random.get_rng_state()  # expect: BC432
        torch.random.set_rng_state(torch.get_rng_state())  # expect: BC432, BC432
        torch.cuda.get_rng_state()  # expect: BC432
        torch.cuda.set_rng_state(state)  # expect: BC432
        torch.Generator()  # expect: BC432
        return x

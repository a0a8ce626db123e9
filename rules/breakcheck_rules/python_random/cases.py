# Near misses, odd spellings and declined fixes: linted, never run.
import math
import random
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = x * random.uniform(0, 1) + random.randint(0, 3)
        doubled = random.uniform(0, 1) * 2  # expect: BC307
        start = x.shape[0] - random.randint(0, 3)  # expect: BC307
        both = random.uniform(0, 1) + random.uniform(0, 1)  # expect: BC307
        y = y * doubled * 2 + start + both + max(random.uniform(0, 1), 0.5)
        root = math.sqrt(random.uniform(0, 1)) + math.sqrt(x.shape[0])  # expect: BC307
        y = y + root
        if self.training and random.random() < 0.5:  # expect: BC307
            y = y + 1
        own = random.Random(3)
        y = y + own.random() + own.uniform(0, 1)
        return y + torch.rand(())


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        random.uniform(0, 1) * 2  # expect: BC307
        1 - random.randint(0, 3)  # expect: BC307
        math.sqrt(random.uniform(0, 1))  # expect: BC307
        random.gauss(0, 1)  # expect: BC307
        random.normalvariate(0, 1)  # expect: BC307
        random.betavariate(1, 1)  # expect: BC307
        random.expovariate(1.0)  # expect: BC307
        random.triangular(0, 1)  # expect: BC307
        random.lognormvariate(0, 1)  # expect: BC307
        random.vonmisesvariate(0, 1)  # expect: BC307
        random.gammavariate(1, 1)  # expect: BC307
        random.paretovariate(1)  # expect: BC307
        random.weibullvariate(1, 1)  # expect: BC307
        random.randbytes(2)  # expect: BC307
        random.getrandbits(4)  # expect: BC307
        random.choice([1, 2])  # expect: BC307
        random.choices([1, 2, 3], k=2)  # expect: BC307
        random.getstate()  # expect: BC307
        random.setstate(random.getstate())  # expect: BC307, BC307
        own = random.Random(3)
        own.gauss(0, 1)  # expect: BC307
        own.normalvariate(0, 1)  # expect: BC307
        own.lognormvariate(0, 1)  # expect: BC307
        own.vonmisesvariate(0, 1)  # expect: BC307
        own.betavariate(1, 1)  # expect: BC307
        own.expovariate(1.0)  # expect: BC307
        own.gammavariate(1, 1)  # expect: BC307
        own.paretovariate(1)  # expect: BC307
        own.weibullvariate(1, 1)  # expect: BC307
        own.triangular(0, 1)  # expect: BC307
        own.getrandbits(4)  # expect: BC307
        own.randbytes(2)  # expect: BC307
        own.choice([1, 2])  # expect: BC307
        own.choices([1, 2, 3], k=2)  # expect: BC307
        return x

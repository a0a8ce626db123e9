# Near misses, odd spellings and declined fixes: linted, never run.
import time
from datetime import date, datetime
import torch
from torch import nn


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.now = datetime.now()  # expect: BC305
        y = x.time(x) if hasattr(x, "time") else x
        return y


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        time.time()  # expect: BC305
        time.time_ns()  # expect: BC305
        time.perf_counter_ns()  # expect: BC305
        time.monotonic()  # expect: BC305
        time.monotonic_ns()  # expect: BC305
        time.process_time()  # expect: BC305
        time.thread_time()  # expect: BC305
        time.strftime('%Y')  # expect: BC305
        time.localtime()  # expect: BC305
        time.gmtime()  # expect: BC305
        time.ctime()  # expect: BC305
        datetime.utcnow()  # expect: BC305
        datetime.today()  # expect: BC305
        date.today()  # expect: BC305
        return x

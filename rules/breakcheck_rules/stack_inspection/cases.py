# Near misses, odd spellings and declined fixes: linted, never run.
import inspect
import torch
from torch import nn
import faulthandler
import traceback


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        names = inspect.signature(self.forward).parameters
        frame = inspect.currentframe()  # expect: BC318
        return x + len(names)


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inspect.stack()  # expect: BC318
        inspect.getsource(nn.Linear)  # expect: BC318
        inspect.getsourcefile(nn.Linear)  # expect: BC318
        inspect.getouterframes(inspect.currentframe())  # expect: BC318, BC318
        inspect.getframeinfo(inspect.currentframe())  # expect: BC318, BC318
        traceback.print_stack()  # expect: BC318
        traceback.extract_stack()  # expect: BC318
        traceback.format_stack()  # expect: BC318
        traceback.print_exc()  # expect: BC318
        faulthandler.is_enabled()  # expect: BC318
        return x

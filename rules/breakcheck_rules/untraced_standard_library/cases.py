# Near misses, odd spellings and declined fixes: linted, never run.
import heapq
import math
import torch
from torch import nn
import array
import ast
import datetime
import decimal
import io
import numpy
import pprint
import statistics
import sys
import unicodedata


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        first = min([1, 2]) + math.prod([2, 3])
        heap = [3, 1]
        heapq.heapify(heap)  # expect: BC321
        return x + first


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        ast.literal_eval('1')  # expect: BC321
        decimal.Decimal('1.5')  # expect: BC321
        statistics.mean([1, 2])  # expect: BC321
        unicodedata.name("a")  # expect: BC321
        pprint.pformat({})  # expect: BC321
        array.array("i", [1])  # expect: BC321
        io.StringIO("a").read()  # expect: BC321
        io.BytesIO(b"a").read()  # expect: BC321
        datetime.timedelta(1).days  # expect: BC321
        sys.getsizeof(3)  # expect: BC321
        numpy.isscalar(3)  # expect: BC321
        return x

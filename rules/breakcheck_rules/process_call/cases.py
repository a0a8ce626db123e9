# Near misses, odd spellings and declined fixes: linted, never run.
import os
import subprocess
import torch
from torch import nn
import atexit
import resource
import signal
import socket
import psutil


class Near(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if os.getenv("A") == "1" or os.environ.get("B"):
            x = x + 1
        subprocess.run(["true"], check=True)  # expect: BC313
        return x


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        os.getppid()  # expect: BC313
        os.getcwd()  # expect: BC313
        os.system('true')  # expect: BC313
        os.popen('true')  # expect: BC313
        os.urandom(4)  # expect: BC313
        os.cpu_count()  # expect: BC313
        os.putenv('A', 'b')  # expect: BC313
        os.kill(os.getpid(), 0)  # expect: BC313, BC313
        socket.gethostname()  # expect: BC313
        signal.getsignal(2)  # expect: BC313
        atexit.register(print)  # expect: BC313
        resource.getrusage(0)  # expect: BC313
        psutil.cpu_percent()  # expect: BC313
        return x

# Near misses, odd spellings and declined fixes: linted, never run.
import os
from pathlib import Path
import torch
from torch import nn
import glob
import shutil
import tempfile
import numpy as np


class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w = torch.load("w.pt")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        name = os.path.join("a", os.path.basename("b")) + os.environ.get("A", "") + str(Path("/tmp") / "a")
        torch.save(x, name)  # expect: BC311
        with open(name) as file:  # expect: BC311
            x = x + len(file.read())
        return x


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        path, written, folder = Path('/tmp/names'), Path('/tmp/names_written'), Path('/tmp/names_folder')
        os.path.isfile('/tmp')  # expect: BC311
        os.path.isdir('/tmp')  # expect: BC311
        os.path.getsize('/tmp')  # expect: BC311
        os.path.getmtime('/tmp')  # expect: BC311
        os.path.realpath('/tmp')  # expect: BC311
        os.listdir('/tmp')  # expect: BC311
        os.makedirs('/tmp/names', exist_ok=True)  # expect: BC311
        os.mkdir(tempfile.mkdtemp() + '/a')  # expect: BC311, BC311
        os.remove(tempfile.mkstemp()[1])  # expect: BC311, BC311
        os.unlink(tempfile.mkstemp()[1])  # expect: BC311, BC311
        os.rename(tempfile.mkstemp()[1], '/tmp/names_renamed')  # expect: BC311, BC311
        os.scandir('/tmp')  # expect: BC311
        list(os.walk('/tmp/names_folder'))  # expect: BC311
        os.stat('/tmp')  # expect: BC311
        shutil.disk_usage('/tmp')  # expect: BC311
        glob.glob('/tmp')  # expect: BC311
        tempfile.mkdtemp()  # expect: BC311
        path.exists()  # expect: BC311
        path.is_file()  # expect: BC311
        path.is_dir()  # expect: BC311
        written.open('w')  # expect: BC311
        Path('/etc/hostname').read_text()  # expect: BC311
        written.write_text('a')  # expect: BC311
        folder.mkdir(exist_ok=True)  # expect: BC311
        written.unlink(missing_ok=True)  # expect: BC311
        torch.load('/tmp/names/x.pt')  # expect: BC311
        np.save('/tmp/names/x.npy', x.numpy())  # expect: BC311
        np.load('/tmp/names/x.npy')  # expect: BC311
        np.savez('/tmp/names/x.npz', x.numpy())  # expect: BC311
        return x

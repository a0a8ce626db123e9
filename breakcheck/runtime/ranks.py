"""The ranks of one launch on one host (torchrun): each checks for itself, what they tell each other goes through files.

All ranks are started by one launcher, so its process id and job name a folder that all of them find. In it each
target has a folder of its own; a file is written whole, then renamed. `Ranks` is what `breakcheck check` holds,
`Meeting` what its worker holds: there ranks agree on what to do next, for a collective is called by all or hangs.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breakcheck.errors import BreakcheckError
from breakcheck.runtime.report_data import Failure

if TYPE_CHECKING:
    from breakcheck.runtime.supervise import Outcome

FOLDER = "BREAKCHECK_RANKS_FOLDER"  # tells a worker where its ranks meet
POLL_S = 0.002  # a meeting may stand between two timed calls
SLOW_POLL_S = 0.05
ANSWER_S = 10.0  # beyond the time limit, for a worker to be ended and its records read


class RankGone(BreakcheckError):
    """Another rank ended before it came where this one waits."""


@dataclass(frozen=True)
class Ranks:
    """This rank among the others, and the folder where they leave each other files."""

    rank: int
    size: int
    folder: Path

    def for_target(self, number: int) -> Ranks:
        """The same ranks with a folder of their own for one target."""
        return replace(self, folder=self.folder / str(number))

    @property
    def others(self) -> tuple[int, ...]:
        """The numbers of the other ranks."""
        return tuple(number for number in range(self.size) if number != self.rank)

    def put(self, name: str, value: Any) -> None:
        """Leaves a value for the others, under a name."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(name, self.rank)
        written = path.with_suffix(".part")
        written.write_text(json.dumps(value, default=str), encoding="utf-8")
        os.replace(written, path)

    def get(self, name: str, rank: int) -> Any:
        """What a rank left under a name; raises KeyError while there is nothing."""
        try:
            return json.loads(self._path(name, rank).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise KeyError(name) from None

    def has(self, name: str, rank: int) -> bool:
        """Whether a rank left something under a name."""
        return self._path(name, rank).exists()

    def _path(self, name: str, rank: int) -> Path:
        return self.folder / f"{name}.{rank}.json"

    def failed(self) -> bool:
        """Whether another rank's worker failed, so that ours waits in vain for it."""
        return any(self.has("failed", other) for other in self.others)

    def ahead(self) -> bool:
        """Whether this rank's worker came to a meeting that another's did not."""
        came = [
            {path.name.split(".")[0] for path in self.folder.glob(f"*-*.{n}.json")} for n in range(self.size)
        ]
        return any(came[self.rank] - came[other] for other in self.others)

    def worker_environment(self, timeout_s: float) -> dict[str, str]:
        """What a worker must know besides what the launcher told: where to meet, and the port of a store of its own.

        In the launcher's store a second target's process group would find the addresses of the first one's. Raises
        BreakcheckError when rank 0, which chooses the port, does not come.
        """
        if self.rank == 0:
            with socket.socket() as free:
                free.bind(("", 0))
                self.put("port", free.getsockname()[1])
        deadline = time.monotonic() + timeout_s
        while not self.has("port", 0):
            if time.monotonic() > deadline:
                raise BreakcheckError(f"rank 0 did not begin within {timeout_s:g} s (--timeout)")
            time.sleep(SLOW_POLL_S)
        port = str(self.get("port", 0))
        own_store = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "TORCHELASTIC_USE_AGENT_STORE": "False"}
        return {FOLDER: str(self.folder), **own_store}

    def gather(self, outcome: Outcome, timeout_s: float) -> list[Outcome]:
        """Every rank's outcome, in order, once all have handed theirs over; one that never answers failed."""
        from breakcheck.runtime.supervise import Outcome

        if outcome.failure is not None:
            self.put("failed", outcome.failure.kind)
        self.put("outcome", outcome.to_dict())
        deadline = time.monotonic() + timeout_s + ANSWER_S
        found = {self.rank: outcome}
        while len(found) < self.size and time.monotonic() < deadline:
            for other in self.others:
                if other not in found and self.has("outcome", other):
                    found[other] = Outcome.from_dict(self.get("outcome", other))
            time.sleep(SLOW_POLL_S)
        silent = Failure("timeout", f"never answered within {timeout_s:g} s (--timeout)")
        return [found.get(number) or Outcome(failure=silent) for number in range(self.size)]

    def leave(self) -> None:
        """Says that this rank needs the folder no more; the last one to say so removes it."""
        self.put("left", True)
        if all(self.has("left", other) for other in self.others):
            shutil.rmtree(self.folder, ignore_errors=True)


def launched(environment: Mapping[str, str] = os.environ) -> Ranks | None:
    """The ranks that a launcher's variables tell of, None where there is one process.

    Raises BreakcheckError in one line when they are on several hosts: files don't reach that far.
    """
    size = environment.get("WORLD_SIZE", "1")
    rank = environment.get("RANK")
    if rank is None or size == "1":
        return None
    here = environment.get("LOCAL_WORLD_SIZE")
    if not (rank.isdecimal() and size.isdecimal() and int(rank) < int(size)) or here != size:
        raise BreakcheckError(
            f"RANK={rank}, WORLD_SIZE={size}, LOCAL_WORLD_SIZE={here or ''}: check runs under a launcher that starts "
            "all ranks on one host and says so in LOCAL_WORLD_SIZE (torchrun --nproc-per-node 2 -m breakcheck check ...)"
        )
    names = ("TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT", "MASTER_ADDR", "MASTER_PORT")
    job = [environment.get(name, "") for name in names]
    user = os.getuid() if hasattr(os, "getuid") else 0
    key = hashlib.sha256("\n".join([*job, str(os.getppid()), str(user)]).encode()).hexdigest()[:16]
    return Ranks(int(rank), int(size), Path(tempfile.gettempdir(), f"breakcheck-ranks-{key}"))


class Meeting:
    """Where the workers of one target tell each other what they saw; alone, one hears only oneself."""

    def __init__(self, ranks: Ranks | None = None) -> None:
        self.ranks = ranks
        self.times: Counter[str] = Counter()

    @classmethod
    def of_worker(cls) -> Meeting:
        """The meeting that the environment of a worker names."""
        folder = os.environ.get(FOLDER)
        if folder is None:
            return cls()
        return cls(Ranks(int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"]), Path(folder)))

    @property
    def several(self) -> bool:
        """Whether there is more than one rank."""
        return self.ranks is not None

    def exchange(self, point: str, value: Any) -> list[Any]:
        """Each rank's value, in order; all come to the same points in the same order, and wait there.

        Raises RankGone when another rank ended before it came here; how long to wait is the check's time limit.
        """
        if self.ranks is None:
            return [value]
        name = f"{point}-{self.times[point]}"
        self.times[point] += 1
        self.ranks.put(name, value)
        return [value if n == self.ranks.rank else self._wait(name, n) for n in range(self.ranks.size)]

    def _wait(self, name: str, rank: int) -> Any:
        assert self.ranks is not None
        while True:
            try:
                return self.ranks.get(name, rank)
            except KeyError:
                if self.ranks.has("outcome", rank) and not self.ranks.has(name, rank):
                    raise RankGone(f"rank {rank} ended before it came to {name.rpartition('-')[0]}") from None
            time.sleep(POLL_S)

    def any(self, point: str, value: bool) -> bool:
        """Whether it holds on any rank."""
        return any(self.exchange(point, value))

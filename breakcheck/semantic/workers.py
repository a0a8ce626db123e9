"""Chunks of work to processes: one forked for each chunk where the system can fork, else a pool of lasting ones.

A process that ends takes its syntax trees with it at once, which costs nothing, where freeing them one by one takes a
twelfth of a run; and the next one begins with what the parent has parsed meanwhile.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection, wait
from typing import Generic, TypeVar

Chunk = TypeVar("Chunk")
Answer = TypeVar("Answer")
# Elsewhere forking is missing, or unsafe beside the system's own threads (macOS).
CAN_FORK = sys.platform == "linux" and "fork" in multiprocessing.get_all_start_methods()


class WorkerDied(Exception):
    """A process ended without its answer: killed, most likely for want of memory."""


class Workers(Generic[Chunk, Answer]):
    """`jobs` processes at a time. start: called once, in this process where it can fork, else in every one."""

    def __init__(self, jobs: int, start: Callable[[], None]) -> None:
        self.jobs = jobs
        self._pool = None if CAN_FORK else ProcessPoolExecutor(jobs, initializer=start)
        if CAN_FORK:
            start()

    def __enter__(self) -> Workers[Chunk, Answer]:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def map(
        self,
        work: Callable[[Chunk], Answer],
        chunks: Sequence[Chunk],
        early: Callable[[], object],
        between: Callable[[Answer], None],
    ) -> list[Answer]:
        """`work` of every chunk, in order. Raises WorkerDied.

        Where this process forks, what `early` and `between` do in it the next ones begin with. early: called as soon as
        a first process runs. between: given each answer as it comes.
        """
        if self._pool is None:
            return _Forks(self.jobs, work, between).all(chunks, early)
        try:
            return list(self._pool.map(work, chunks))
        except BrokenProcessPool as error:
            raise WorkerDied("a process of the analysis was killed") from error


class _Forks(Generic[Chunk, Answer]):
    """Runs chunks, a process for each."""

    def __init__(self, jobs: int, work: Callable[[Chunk], Answer], between: Callable[[Answer], None]) -> None:
        self.jobs = jobs
        self.work = work
        self.between = between
        self.context = multiprocessing.get_context("fork")
        self.running: dict[Connection, tuple[int, multiprocessing.process.BaseProcess]] = {}

    def all(self, chunks: Sequence[Chunk], early: Callable[[], object]) -> list[Answer]:
        """The answers, in order; `early` is called once the first process runs."""
        answers: dict[int, Answer] = {}
        waiting: Iterator[tuple[int, Chunk]] = iter(enumerate(chunks))
        try:
            self._fill(waiting, 1)
            early()
            while len(answers) < len(chunks):
                self._fill(waiting, self.jobs)
                come = [self._answer(connection) for connection in self._ready()]
                self._fill(waiting, self.jobs)  # first of all: who waits for a chunk does nothing
                for index, answer in come:
                    answers[index] = answer
                    self.between(answer)
        finally:
            for connection, (_index, process) in self.running.items():
                process.terminate()
                process.join()
                connection.close()
        return [answers[index] for index in range(len(chunks))]

    def _fill(self, waiting: Iterator[tuple[int, Chunk]], jobs: int) -> None:
        while len(self.running) < jobs:
            task = next(waiting, None)
            if task is None:
                return
            index, chunk = task
            here, there = self.context.Pipe(duplex=False)
            process = self.context.Process(target=self._child, args=(there, chunk))
            process.start()
            there.close()
            self.running[here] = (index, process)

    def _ready(self) -> list[Connection]:
        return [found for found in wait(list(self.running)) if isinstance(found, Connection)]

    def _child(self, connection: Connection, chunk: Chunk) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # the parent says what there is to say
        connection.send_bytes(pickle.dumps(self.work(chunk), pickle.HIGHEST_PROTOCOL))
        connection.close()

    def _answer(self, connection: Connection) -> tuple[int, Answer]:
        index, process = self.running.pop(connection)
        try:
            answer: Answer = pickle.loads(connection.recv_bytes())
        except EOFError as error:
            process.join()
            raise WorkerDied(
                f"a process of the analysis was killed (exit code {process.exitcode})"
            ) from error
        finally:
            connection.close()
        process.join()
        return index, answer

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
    """`jobs` processes at a time; this one alone where one is wanted and none can be forked.

    start: called in this process, and where it cannot fork in every one. forks: whether a chunk's process begins with what
    this one knows.
    """

    def __init__(self, jobs: int, start: Callable[[], None]) -> None:
        self.jobs = jobs
        may_start = (
            not multiprocessing.current_process().daemon
        )  # one of a pool of the caller's may start none
        self.forks = CAN_FORK and may_start
        pooled = may_start and not self.forks and jobs > 1
        self._pool = ProcessPoolExecutor(jobs, initializer=start) if pooled else None
        self._ended: list[multiprocessing.process.BaseProcess] = []  # who has answered, and is about to end
        start()

    def __enter__(self) -> Workers[Chunk, Answer]:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        for process in self._ended:
            process.join()

    def map(
        self,
        work: Callable[[Chunk], Answer],
        chunks: Sequence[Chunk],
        early: Callable[[], object],
        cold: int,
    ) -> list[Answer]:
        """`work` of every chunk, in order. Raises WorkerDied.

        early: called in this process while another one goes through the first `cold` chunks, or after it where one job
        is wanted; where processes are forked, the later ones begin with what it has done.
        """
        if self.forks:
            return _Forks(self.jobs, work, self._ended).all(chunks, early, cold)
        if self._pool is None:
            early()
            return [work(chunk) for chunk in chunks]
        try:
            answers = self._pool.map(work, chunks)
            early()
            return list(answers)
        except BrokenProcessPool as error:
            raise WorkerDied("a process of the analysis was killed") from error


class _Forks(Generic[Chunk, Answer]):
    """Runs chunks: the first ones in one process, each of the others in a process of its own.

    ended: takes the processes that have answered. None waits for one to end: its memory is taken apart meanwhile.
    """

    def __init__(
        self, jobs: int, work: Callable[[Chunk], Answer], ended: list[multiprocessing.process.BaseProcess]
    ) -> None:
        self.jobs = jobs
        self.work = work
        self.ended = ended
        self.context = multiprocessing.get_context("fork")
        self.running: dict[Connection, tuple[int, multiprocessing.process.BaseProcess]] = {}
        self.answers: dict[int, list[Answer]] = {}  # by the place of a process's first chunk

    def all(self, chunks: Sequence[Chunk], early: Callable[[], object], cold: int) -> list[Answer]:
        """The answers, in order."""
        waiting: Iterator[tuple[int, Sequence[Chunk]]] = iter(
            [(index, chunks[index : index + 1]) for index in range(cold, len(chunks))]
        )
        try:
            if cold:
                self._start(0, chunks[:cold])
                if self.jobs == 1:
                    self._take(iter(()))
            early()
            self._fill(waiting)
            while self.running:
                self._take(waiting)
        finally:
            for connection, (_index, process) in self.running.items():
                process.terminate()
                process.join()
                connection.close()
        return [answer for _index, answers in sorted(self.answers.items()) for answer in answers]

    def _fill(self, waiting: Iterator[tuple[int, Sequence[Chunk]]], ended: int = 0) -> None:
        """Start what waits; `ended` of those that count as running do no more."""
        while len(self.running) - ended < self.jobs:
            task = next(waiting, None)
            if task is None:
                return
            self._start(*task)

    def _start(self, index: int, chunks: Sequence[Chunk]) -> None:
        here, there = self.context.Pipe(duplex=False)
        process = self.context.Process(target=self._child, args=(there, chunks))
        process.start()
        there.close()
        self.running[here] = (index, process)

    def _child(self, connection: Connection, chunks: Sequence[Chunk]) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # the parent says what there is to say
        answers = [self.work(chunk) for chunk in chunks]
        connection.send_bytes(pickle.dumps(answers, pickle.HIGHEST_PROTOCOL))
        connection.close()

    def _take(self, waiting: Iterator[tuple[int, Sequence[Chunk]]]) -> None:
        """Wait for an answer; the next ones are started first of all: who waits for a chunk does nothing."""
        come = [found for found in wait(list(self.running)) if isinstance(found, Connection)]
        self._fill(waiting, len(come))
        for connection in come:
            index, process = self.running[connection]
            try:
                self.answers[index] = pickle.loads(connection.recv_bytes())
            except EOFError as error:
                process.join()
                raise WorkerDied(
                    f"a process of the analysis was killed (exit code {process.exitcode})"
                ) from error
            self.ended.append(process)
            connection.close()
            del self.running[connection]

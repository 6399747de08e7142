"""One way to map a function over tasks, whatever does the work."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

from dcforecast.config.compute import ComputeSettings
from dcforecast.errors import DcforecastError, UserError

__all__ = ["Failure", "Pool"]

Task = TypeVar("Task")

#: Each process is one worker; its libraries start no threads of their own.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Failure:
    """A task that failed; the others went on.

    Attributes
    ----------
    message : str
        What went wrong, for people.
    details : str
        The traceback.
    """

    message: str
    details: str


@dataclass(frozen=True)
class _Guarded(Generic[Task]):
    """Calls a function and turns its errors into a `Failure`; travels to workers."""

    function: Callable[[Task], Any]

    def __call__(self, task: Task) -> Any:
        try:
            return self.function(task)
        except KeyboardInterrupt:
            raise
        except DcforecastError as error:
            return Failure(str(error), traceback.format_exc())
        except Exception as error:  # noqa: BLE001  (one task's fault must not stop the others)
            return Failure(f"{type(error).__name__}: {error}", traceback.format_exc())


class Pool:
    """Maps a function over tasks by the configured back end.

    Parameters
    ----------
    settings : ComputeSettings
        Config group ``compute``.
    """

    def __init__(self, settings: ComputeSettings) -> None:
        self.settings = settings

    def map(
        self,
        function: Callable[[Task], Any],
        tasks: Sequence[Task],
        on_result: Callable[[int, Any], None] | None = None,
    ) -> list[Any]:
        """Return the results in the order of the tasks; a failed task gives a `Failure`.

        Parameters
        ----------
        function : callable
            Takes one task; importable by name, so that workers find it.
        tasks : sequence
            What to work on.
        on_result : callable, optional
            Told position and result as each task ends.
        """
        routes: dict[str, Callable[..., Iterator[tuple[int, Any]]]] = {
            "serial": self._serial,
            "local": self._local,
            "dask": self._dask,
            "slurm": self._slurm,
        }
        results: list[Any] = [None] * len(tasks)
        for position, result in routes[self.settings.kind](_Guarded(function), tasks):
            results[position] = result
            if on_result is not None:
                on_result(position, result)
        return results

    def _serial(
        self, function: Callable[[Task], Any], tasks: Sequence[Task]
    ) -> Iterator[tuple[int, Any]]:
        for position, task in enumerate(tasks):
            yield position, function(task)

    def _local(
        self, function: Callable[[Task], Any], tasks: Sequence[Task]
    ) -> Iterator[tuple[int, Any]]:
        lost = []
        for position, result in _in_processes(function, enumerate(tasks), self.settings.workers):
            if isinstance(result, _Lost):
                lost.append(position)
            else:
                yield position, result
        # A process that dies takes its neighbours' tasks with it: each lost task is tried alone,
        # so that only the one that kills its process stays a failure.
        for position in lost:
            for _, result in _in_processes(function, [(position, tasks[position])], 1):
                gone = isinstance(result, _Lost)
                yield (
                    position,
                    Failure(f"worker lost: {result.message}", result.message) if gone else result,
                )

    def _dask(
        self, function: Callable[[Task], Any], tasks: Sequence[Task]
    ) -> Iterator[tuple[int, Any]]:
        distributed = _import("distributed", "dask")
        with _client(distributed, self.settings) as client:
            futures = {
                client.submit(function, task, pure=False, retries=self.settings.retries): i
                for i, task in enumerate(tasks)
            }
            for future in distributed.as_completed(list(futures)):
                try:
                    result = future.result()
                except Exception as error:  # noqa: BLE001  (a worker that died for good)
                    result = Failure(f"worker lost: {error}", traceback.format_exc())
                yield futures[future], result

    def _slurm(
        self, function: Callable[[Task], Any], tasks: Sequence[Task]
    ) -> Iterator[tuple[int, Any]]:
        submitit = _import("submitit", "slurm")
        settings = self.settings
        executor = submitit.AutoExecutor(folder=settings.folder, cluster=settings.slurm_cluster)
        options: dict[str, Any] = {"timeout_min": settings.slurm_minutes, "cpus_per_task": 1}
        if settings.slurm_partition is not None and settings.slurm_cluster == "slurm":
            options["slurm_partition"] = settings.slurm_partition
        executor.update_parameters(**options)
        try:
            jobs = [executor.submit(function, task) for task in tasks]
        except RuntimeError as error:
            raise UserError(f"compute=slurm: {error}", "Is srun on this machine?") from error
        for position, job in enumerate(jobs):
            try:
                result = job.result()
            except Exception as error:  # noqa: BLE001  (the job itself was lost)
                result = Failure(f"job lost: {error}", traceback.format_exc())
            yield position, result


@dataclass(frozen=True)
class _Lost:
    """The process went before the task's result came."""

    message: str


def _in_processes(
    function: Callable[[Task], Any], numbered: Iterable[tuple[int, Task]], workers: int
) -> Iterator[tuple[int, Any]]:
    """Work in processes of one thread each; what a dead process held comes as `_Lost`."""
    from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, wait

    from joblib.executor import get_memmapping_executor

    # joblib's own: one made by loky alone would be found, and refused, by a later joblib.Parallel.
    # Tasks travel whole: memory maps of their arrays would outlive the workers.
    executor = get_memmapping_executor(workers, env=_ONE_THREAD, max_nbytes=None)
    futures: dict[Any, int] = {}
    rest = iter(numbered)
    try:
        # No more at once than the executor hands on: its thread fails over what still waits in it
        # when work is broken off.
        while (more := list(islice(rest, 2 * workers - len(futures)))) or futures:
            for position, task in more:
                try:
                    futures[executor.submit(function, task)] = position
                except BrokenExecutor as error:  # a process died meanwhile
                    yield position, _Lost(str(error))
            for future in wait(futures, return_when=FIRST_COMPLETED).done:
                yield futures.pop(future), _result(future)
    except BaseException:
        executor.shutdown(wait=False, kill_workers=True)
        raise


def _result(future: Any) -> Any:
    from concurrent.futures import BrokenExecutor

    try:
        return future.result()
    except BrokenExecutor as error:
        return _Lost(str(error))
    except Exception as error:  # noqa: BLE001  (a result that cannot travel back)
        return Failure(f"{type(error).__name__}: {error}", traceback.format_exc())


def _import(module: str, extra: str) -> Any:
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        raise UserError(
            f"compute={extra} needs the package '{module}'",
            f'Install it with: pip install "dcforecast[{extra}]"',
        ) from error


def _client(distributed: Any, settings: ComputeSettings) -> Any:
    """Connect to the given scheduler, or start a cluster on loopback."""
    if settings.address is None:
        return distributed.Client(
            n_workers=settings.workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs=40,
        )
    try:
        return distributed.Client(settings.address, timeout="10s")
    except (OSError, ValueError) as error:
        raise UserError(
            f"compute.address={settings.address}: no Dask scheduler answers there", str(error)
        ) from error

"""One run of a pipeline command: its configuration, its place in the store, its stages."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from dcforecast.config.compose import Composed
from dcforecast.config.settings import Settings
from dcforecast.pipelines.progress import Reporter
from dcforecast.pipelines.provenance import code_digest
from dcforecast.store import Run, Store, config_hash

__all__ = ["Job", "Tell", "results_hash"]

Tell = Callable[..., None]

#: Groups that say where work is done or shown, not what comes out.
_NOT_RESULTS = ("store", "tracking", "report", "compute")


def results_hash(config: Mapping[str, Any]) -> str:
    """Digest of the part of a configuration that decides the results."""
    return config_hash({k: v for k, v in config.items() if k not in _NOT_RESULTS})


@dataclass
class Job:
    """A run in the making.

    Attributes
    ----------
    composed : Composed
        Checked configuration.
    store : Store
        Where runs are kept.
    run : Run
        The run being made.
    reporter : Reporter
        Progress.
    force : bool
        Compute every stage again.
    """

    composed: Composed
    store: Store
    run: Run
    reporter: Reporter
    force: bool = False
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        """The checked configuration."""
        return self.composed.settings

    def facts(self, stage: str) -> dict[str, Any]:
        """What a finished stage noted beside its tables."""
        found: dict[str, Any] = self.run.manifest["stages"][stage].get("facts", {})
        return found

    def stage(
        self,
        name: str,
        *,
        groups: Sequence[str],
        after: Sequence[str],
        tables: Sequence[str],
        work: Callable[[Tell], Mapping[str, Any]],
        **key: Any,
    ) -> None:
        """Run one stage, or take its tables over from a run that computed the same.

        Parameters
        ----------
        name : str
            Stage, for example ``"backtest"``.
        groups : sequence of str
            Config groups that decide the result.
        after : sequence of str
            Stages whose tables are read.
        tables : sequence of str
            Tables the stage writes.
        work : callable
            Does the work; returns facts to keep in the manifest.
        **key : Any
            Whatever else decides the result, for example a file's digest.
        """
        digest = config_hash(
            {
                "stage": name,
                "code": code_digest(),
                "config": {group: self.composed.config.get(group) for group in groups},
                "after": {stage: self.digests[stage] for stage in after},
                **key,
            }
        )
        self.digests[name] = digest
        # Jobs of a sweep wait for one of them to do what they share.
        with self.store.lock(f"{name}-{digest}") if self._reuses else nullcontext():
            self._do(name, digest, tables, work)

    @property
    def _reuses(self) -> bool:
        return self.settings.store.reuse and not self.force

    def _do(
        self,
        name: str,
        digest: str,
        tables: Sequence[str],
        work: Callable[[Tell], Mapping[str, Any]],
    ) -> None:
        earlier = self.store.find_stage(name, digest) if self._reuses else None
        started = time.perf_counter()
        with self.reporter.stage(name) as tell:
            if earlier is not None:
                for table in tables:
                    self.run.adopt(earlier, table)
                facts = earlier.manifest["stages"][name].get("facts", {})
                note = f"as computed in {earlier.id}"
                tell(1.0, note)
            else:
                facts = dict(work(tell))
        self.run.stage_done(
            name,
            {
                "hash": digest,
                "tables": list(tables),
                "seconds": round(time.perf_counter() - started, 3),
                "taken_from": earlier.id if earlier is not None else None,
                "facts": facts,
            },
        )

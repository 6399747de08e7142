"""Charts of an experiment: its measures by job, a tornado, or skill by series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dcforecast.reports.style import INK, colour_of, new_figure, note, thousands

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from dcforecast.reports.study import Finding

__all__ = ["draw"]


#: Letters of all jobs' names that stand side by side under a chart.
_ACROSS = 100


def draw(found: Finding) -> Figure:
    """Draw the chart that the experiment asks for, with its source line."""
    kinds = {"bars": _bars, "lines": _lines, "tornado": _tornado, "skill": _skill}
    chart = kinds[found.study.figure](found)
    first = next(iter(found.runs.values()))
    facts = first.manifest
    members = f"{facts['members']} members, " if first.has("annual") else ""
    note(
        chart,
        f"Modelled by dcforecast; {members}data to {facts.get('data_vintage', '?')}; "
        f"first run {first.id}",
    )
    return chart


def _lines(found: Finding) -> Figure:
    """Draw each measure against the jobs in their order, a panel a unit."""
    figure, axes = _panels(found)
    for axis, (unit, names) in zip(axes.ravel(), _by_unit(found).items(), strict=True):
        for i, name in enumerate(names):
            axis.plot(found.table.index, found.table[name], marker="o", color=colour_of(i),
                      label=name)  # fmt: skip
        _finish(axis, unit, found)
        _limit(axis, names, found)
    return figure


def _limit(axis: Any, names: list[str], found: Finding) -> None:
    """Draw the line that measures are held to, where it can be seen: on a logarithmic scale."""
    limits = {found.study.measures[name].limit for name in names} - {None}
    for limit in limits:
        axis.axhline(limit, color=INK, linestyle="--", linewidth=0.8)
        axis.annotate(f"limit {limit:g}", (0, limit), xytext=(0, 2), textcoords="offset points",
                      fontsize=7, color=INK, ha="left")  # fmt: skip
    seen = [*limits, *found.table[names].to_numpy().ravel()]
    if limits and min(seen) > 0:
        axis.set_yscale("log")
        axis.set_ylim(0.6 * min(seen), 1.6 * max(seen))
        thousands(axis)


def _bars(found: Finding) -> Figure:
    """Draw bars of the measures side by side for each job, a panel a unit."""
    figure, axes = _panels(found)
    for axis, (unit, names) in zip(axes.ravel(), _by_unit(found).items(), strict=True):
        width = 0.8 / len(names)
        for i, name in enumerate(names):
            places = [k + (i - (len(names) - 1) / 2) * width for k in range(len(found.table))]
            axis.bar(places, found.table[name], width, color=colour_of(i), label=name)
        axis.set_xticks(range(len(found.table)), found.table.index)
        _finish(axis, unit, found)
    return figure


def _by_unit(found: Finding) -> dict[str, list[str]]:
    units: dict[str, list[str]] = {}
    for name, measure in found.study.measures.items():
        units.setdefault(measure.unit, []).append(name)
    return units


def _panels(found: Finding) -> tuple[Figure, Any]:
    many = len(_by_unit(found))
    return new_figure(many, 1, size=(8.5, 3.2 * many + 0.8))


def _finish(axis: Any, unit: str, found: Finding) -> None:
    axis.set_ylabel(unit, fontsize=8)
    axis.set_ylim(bottom=min(0.0, axis.get_ylim()[0]))
    axis.legend(fontsize=7, frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
    if sum(len(str(job)) + 2 for job in found.table.index) > _ACROSS:
        axis.tick_params(axis="x", labelrotation=20)


def _tornado(found: Finding) -> Figure:
    """Draw what each lever moves against the first job: jobs are called ``LEVER: way``."""
    figure, axes = new_figure(1, len(found.study.measures), size=(10.0, 5.5), sharey=True)
    base = found.table.iloc[0]
    moves = (found.table - base).iloc[1:]
    levers: list[str] = [str(job).rpartition(": ")[0] for job in moves.index]
    first = moves.columns[0]
    reach = moves[first].abs().groupby(levers).max().sort_values()
    order = [str(lever) for lever in reach.index]
    for axis, name in zip(axes.ravel(), moves.columns, strict=True):
        for lever, job, value in zip(levers, moves.index, moves[name], strict=True):
            place = order.index(str(lever))
            axis.barh(place, value, 0.7, color=colour_of(0 if value < 0 else 1), alpha=0.85)
            # The words of bars without length would lie on each other.
            if abs(value) > 0.01 * moves[name].abs().max():
                way = str(job).rpartition(": ")[2]
                axis.annotate(f" {way} ", (value, place), fontsize=6, color=INK, va="center",
                              ha="right" if value < 0 else "left")  # fmt: skip
        axis.set_yticks(range(len(order)), order)
        axis.axvline(0, color=INK, linewidth=0.8)
        axis.margins(x=0.25)
        unit = found.study.measures[str(name)].unit
        axis.set_title(f"{name}: {base[name]:.1f} {unit} at the baseline", fontsize=8, loc="left")
        axis.set_xlabel(f"change, {unit}", fontsize=8)
    return figure


def _skill(found: Finding) -> Figure:
    """Draw the skill of the best model of each series, coloured by family."""
    figure, axes = new_figure(size=(8.5, 4.8))
    axis, table = axes[0, 0], found.table.sort_values("skill")
    families = sorted(set(found.study.families.values()))
    for place, row in enumerate(table.itertuples(index=False)):
        colour = colour_of(families.index(str(row.family))) if row.family in families else INK
        axis.barh(place, row.skill, 0.7, color=colour)
        axis.annotate(f" {row.model}", (row.skill, place), fontsize=7, va="center", color=INK)
    for i, family in enumerate(families):  # a family keeps its colour; those that win are named
        if family in set(table["family"]):
            axis.barh(0, 0, color=colour_of(i), label=family)
    axis.set_yticks(range(len(table)), table.index)
    axis.set_xlabel("skill against the seasonal naive model (CRPS)", fontsize=8)
    axis.legend(fontsize=7, frameon=False, loc="lower right")
    axis.margins(x=0.2)
    return figure

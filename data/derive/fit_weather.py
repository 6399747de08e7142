"""Fit the stochastic weather: temperature, wind and sun."""

from __future__ import annotations

from pathlib import Path

import donors
import numpy as np
import pandas as pd

#: Cloud cover of the words of the weather log [1]; every other word is rain, snow or fog.
_CLOUD = {
    "clear sky": 0.0,
    "few clouds": 0.2,
    "scattered clouds": 0.4,
    "broken clouds": 0.7,
    "haze": 0.3,
}


def temperature(folder: Path) -> dict[str, object]:
    """Return means by month and hour, the hourly anomaly, and the spread of months."""
    t = donors.baku_temperature(folder)
    table = t.groupby([t.index.month, t.index.hour]).mean().unstack()
    rest = t - table.to_numpy()[t.index.month - 1, t.index.hour]
    fast = rest - rest.groupby(rest.index.to_period("M")).transform("mean")
    fast = fast.asfreq("h")
    era = donors.national_temperature(folder, "AZE")["1991":]
    slopes, slow, anomalies = [], [], []
    for _, months in era.groupby(era.index.month):
        line = np.polyfit(months.index.year, months.to_numpy(), 1)
        off = months - np.polyval(line, months.index.year)
        slopes.append(line[0] * 10)
        slow.append(float(off.std()))
        anomalies.append(off / off.std())
    joined = pd.concat(anomalies).sort_index()
    sd = fast.groupby(fast.index.month).std()
    hourly = donors.subset_ar(fast / fast.groupby(fast.index.month).transform("std"), window=730)
    # Drawn hours lose their month's mean as these did; the months move by the long record alone.
    wide = sd.to_numpy() / np.sqrt(1.0 - float(hourly["window_variance"]))
    return {
        "donor": "Baku hourly 2022-12 to 2026-08; Azerbaijan monthly 1991 to 2024-03",
        "mean_by_month_hour": table.round(2).to_numpy().tolist(),
        "hourly_sd_by_month": wide.round(3).tolist(),
        "hourly": hourly,
        "monthly_sd": np.round(slow, 3).tolist(),
        "monthly_rho": round(float(joined.autocorr(1)), 3),
        "trend_c_per_decade_1991_2024": round(float(np.mean(slopes)), 3),
    }


def temperature_with_sky(folder: Path) -> dict[str, object]:
    """Return the daily correlation of temperature with the clearness of the sky at Baku."""
    log = pd.read_parquet(folder / "baku_weather" / "baku_observations_irregular.parquet")
    log = log.set_index("time_local")["2022-12-22":]
    log = log[(log.index.hour >= 8) & (log.index.hour < 18)]
    clear = -log["description"].map(_CLOUD).fillna(1.0).groupby(log.index.normalize()).mean()
    t = donors.baku_temperature(folder)
    day = t.groupby(t.index.normalize()).mean()
    day -= day.groupby(day.index.to_period("M")).transform("mean")
    hours = t - t.groupby([t.index.month, t.index.hour]).transform("mean")
    hours -= hours.groupby(hours.index.to_period("M")).transform("mean")
    pair = pd.concat([clear.rename("clear"), day.rename("t")], axis=1).dropna()
    found = pair.groupby(pair.index.quarter).apply(lambda g: g["clear"].corr(g["t"], "spearman"))
    return {
        "sky_correlation_by_quarter": found.round(3).tolist(),
        "daily_variance": round(float(day.var() / hours.var()), 3),
    }


def wind(cf: pd.Series) -> dict[str, object]:
    """Return quantiles by month, daily cycle and persistence in normal scores."""
    y = cf.dropna()
    table = [np.quantile(y[y.index.month == m], donors.LEVELS).round(4) for m in range(1, 13)]
    z = donors.scores(y, y.index.month)
    hour = (y.index.hour + 2) % 24  # the donor's own standard time: the sun drives the cycle
    cycle = z.groupby([z.index.quarter, hour]).mean().unstack()
    fit = cycle.to_numpy()[z.index.quarter - 1, hour]
    # Persistence on the scale of output: in scores, calm hours would weigh as much as gales.
    rest = (y - y.groupby([y.index.month, hour]).transform("mean")).asfreq("h")
    months = y.groupby(y.index.tz_localize(None).to_period("M")).agg(["mean", "count"])
    months = months["mean"][months["count"] > 600]
    return {
        "donor": "Romania 2019-01 to 2025-03",
        "levels": donors.LEVELS.tolist(),
        "quantiles_by_month": np.round(table, 4).tolist(),
        "cycle_by_quarter_local_hour": cycle.round(3).to_numpy().tolist(),
        "cycle_share": round(float(np.var(fit)), 4),
        "hourly": donors.subset_ar(rest),
        "mean_cf": round(float(y.mean()), 4),
        "sd_of_a_month": round(float(months.groupby(months.index.month).std().mean()), 4),
    }


def season(name: str, first: int, last: int) -> dict[str, object]:
    """Return Azerbaijan's own mean power by month relative to the year's, from published months.

    The donor stands under another sky: its winter is darker and its wind far more seasonal.  The
    months are those of the project's reconstructed history, each year relative to its mean,
    smoothed over three months a half, a quarter on each side.
    """
    from dcforecast import sources
    from dcforecast.config.data import DataSettings
    from dcforecast.history import reconstruct

    settings = DataSettings(name="embedded", description="the project's tables")
    energy = reconstruct(sources.observations(settings)).monthly(name)
    energy = energy[(energy.index.year >= first) & (energy.index.year <= last)]
    power = energy / energy.index.days_in_month
    share = power / power.groupby(power.index.year).transform("mean")
    mean = share.groupby(share.index.month).mean().to_numpy()
    smooth = 0.5 * mean + 0.25 * (np.roll(mean, 1) + np.roll(mean, -1))
    return {
        "season": (smooth / smooth.mean()).round(3).tolist(),
        "season_donor": f"Azerbaijan {first} to {last}, {name} of the project's history",
    }


def donor_clear_sky(index: pd.DatetimeIndex) -> pd.Series:
    """Return clear-sky irradiance in the plane of Romania's panels (tilt 30 S) [W/m2]."""
    import pvlib

    place = pvlib.location.Location(44.4, 26.1)
    stamps = index + pd.Timedelta(minutes=30)
    position = place.get_solarposition(stamps, method="nrel_numpy")
    sky = place.get_clearsky(stamps, solar_position=position, linke_turbidity=3.0)
    plane = pvlib.irradiance.get_total_irradiance(
        30,
        180,
        position["apparent_zenith"],
        position["azimuth"],
        sky["dni"],
        sky["ghi"],
        sky["dhi"],
    )
    return pd.Series(plane["poa_global"].fillna(0.0).to_numpy(), index=index)


def solar(cf: pd.Series) -> dict[str, object]:
    """Return the day factor over clear sky: quantiles, persistence; and the hours' unrest."""
    clear = donor_clear_sky(cf.index)
    day = pd.DataFrame({"y": cf, "c": clear}).dropna().groupby(lambda s: s.floor("D")).sum()
    factor = day["y"] / day["c"].where(day["c"] > 500)
    factor = (factor / factor.quantile(0.98)).clip(0, 1).dropna()
    months = factor.index.month
    table = [np.quantile(factor[months == m], donors.LEVELS).round(4) for m in range(1, 13)]
    z = donors.scores(factor, months).asfreq("D")
    fine = (cf / clear.where(clear > 200)).dropna()
    ratio = fine / fine.groupby(fine.index.floor("D")).transform("mean")
    usual = ratio.groupby([ratio.index.month, ratio.index.hour]).transform("mean")
    rest = np.log((ratio / usual).clip(0.1, 3.0)).asfreq("h")
    return {
        "donor": "Romania 2019-01 to 2025-03",
        "levels": donors.LEVELS.tolist(),
        "quantiles_by_month": np.round(table, 4).tolist(),
        "daily_rho": round(float(z.autocorr(1)), 4),
        "within_day_sd": round(float(rest.std()), 4),
        "within_day_rho": round(float(rest.autocorr(1)), 4),
    }


def wind_with_sky(donor: pd.DataFrame) -> dict[str, object]:
    """Return the daily correlation of wind with clearness, and the weight that gives it.

    An hourly score ``a sky + sqrt(1 - a^2) own``, whose own part has a daily mean of variance v,
    has the daily correlation r if ``a^2 = r^2 v / (1 - r^2 + r^2 v)``.
    """
    z = donors.scores(donor["wind"].dropna(), donor["wind"].dropna().index.month)
    wind_day = z.groupby(z.index.floor("D")).mean()
    sun = donor["solar"].dropna()
    sun_day = sun.groupby(sun.index.floor("D")).sum()
    sun_day = donors.scores(sun_day, sun_day.index.month)
    pair = pd.concat([wind_day.rename("w"), sun_day.rename("s")], axis=1).dropna()
    r = pair.groupby(pair.index.quarter).apply(lambda g: g["w"].corr(g["s"]))
    return {
        "sky_correlation_by_quarter": r.round(3).tolist(),
        "daily_variance": round(float(pair["w"].var()), 3),
    }

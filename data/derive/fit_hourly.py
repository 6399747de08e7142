"""Fit the parameters of the hourly method on donor series; write data/shapes/.

    python data/derive/fit_hourly.py FOLDER

Donors: Georgia's hourly load (day shape and noise), Türkiye's hourly load (hours of the
temperature response), Ember's monthly demand and ERA5 monthly temperature of Azerbaijan, Baku's
hourly temperature and weather log, Romania's hourly wind and solar.  FOLDER holds them as
downloaded.  Only fitted parameters are written, no series.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import donors
import fit_load
import fit_weather

OUT = Path(__file__).resolve().parents[1] / "shapes"


def main(folder: Path) -> None:
    """Write data/shapes/."""
    OUT.mkdir(exist_ok=True)
    georgia = donors.load(folder, "GE")
    shape = fit_load.shape(georgia, "GE")
    table = shape.round(5).rename_axis(["month", "day_type", "hour"]).reset_index()
    table.to_csv(OUT / "load_shape.csv", index=False)
    donor = donors.romania(folder)
    parameters = {
        "load": {
            "donor": "Georgia 2021-12 to 2025-03 (shape, noise); Azerbaijan 2019-01 to 2024-03 "
            "(response); Türkiye 2016-04 to 2024-03 (its hours)",
            **fit_load.noise(georgia, "GE", shape),
            **fit_load.weather_part(georgia, "GE", shape, donors.baku_temperature(folder)),
            **fit_load.response(folder),
            **fit_load.hour_weights(folder),
        },
        "temperature": {
            **fit_weather.temperature(folder),
            **fit_weather.temperature_with_sky(folder),
        },
        "wind": {
            **fit_weather.wind(donor["wind"]),
            **fit_weather.wind_with_sky(donor),
            **fit_weather.season("generation_wind", 2019, 2025),
        },
        "solar": {
            **fit_weather.solar(donor["solar"]),
            **fit_weather.season("generation_solar", 2024, 2025),
        },
    }
    text = json.dumps(parameters, indent=1, ensure_ascii=False)
    (OUT / "hourly.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

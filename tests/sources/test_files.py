"""Users' files as programs write them: separators, decimal marks, spellings of dates."""

from __future__ import annotations

import pandas as pd
import pytest

from dcforecast.errors import UserError
from dcforecast.sources.files import numbers, read_file, times


def write(folder, text, encoding="utf-8"):
    path = folder / "file.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize(
    "text",
    [
        "time,load\n2024-01-01,1.5\n2024-01-02,2\n",
        "time, load \n2024-01-01, 1.5\n2024-01-02, 2\n",
        "time;load\n2024-01-01;1,5\n2024-01-02;2\n",
        "time;load\n2024-01-01;1.5\n2024-01-02;2\n",
        "time\tload\n2024-01-01\t1.5\n2024-01-02\t2\n",
        '"time"|"load"\n2024-01-01|1.5\n2024-01-02|2\n',
    ],
)
def test_separators_and_decimal_commas_are_found(tmp_path, text, encoding):
    path = write(tmp_path, text, encoding)
    frame = read_file(path)
    assert numbers(frame, "load", path).tolist() == [1.5, 2.0]
    assert times(frame, "time", path).dt.day.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["31.01.2024", "01.02.2024"], ["2024-01-31", "2024-02-01"]),
        (["01.01.2024", "01.02.2024"], ["2024-01-01", "2024-02-01"]),
        (["12/01/2024 00:00", "13/01/2024 00:00"], ["2024-01-12", "2024-01-13"]),
        (["01/12/2024", "01/13/2024"], ["2024-01-12", "2024-01-13"]),
        (["2024/01/02", "2024/01/03"], ["2024-01-02", "2024-01-03"]),
        (["2 January 2024", "3 January 2024"], ["2024-01-02", "2024-01-03"]),
    ],
)
def test_days_and_months_are_told_apart_where_the_file_tells(tmp_path, cells, days):
    frame = pd.DataFrame({"time": cells})
    assert times(frame, "time", tmp_path).dt.strftime("%Y-%m-%d").tolist() == days


@pytest.mark.parametrize(
    "cells",
    [
        ["01/01/2024", "01/02/2024"],  # two months or two days
        ["13/01/2024", "01/14/2024"],  # both orders
        ["01.13.2024", "02.13.2024"],
        ["2024-01-01", "01/02/2024"],
        ["31.01.24", "01.02.24"],
    ],
)
def test_dates_that_could_be_two_are_not_guessed(tmp_path, cells):
    with pytest.raises(UserError, match=r"row \d, column 'time': '0?[123]\S+' is not a time"):
        times(pd.DataFrame({"time": cells}), "time", tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("time,load\n", "the file holds no rows"),
        ("time,load\n2024-01-01,1,\n", r"more cells than the header has names \(2\)"),
        ("time,load,load\n2024-01-01,1,2\n", "two columns are called 'load'"),
    ],
)
def test_broken_files_are_refused_in_words(tmp_path, text, message):
    with pytest.raises(UserError, match=message):
        read_file(write(tmp_path, text))


def test_folders_and_other_encodings_are_refused_in_words(tmp_path):
    with pytest.raises(UserError, match="this is a folder"):
        read_file(tmp_path)
    with pytest.raises(UserError, match="not UTF-8"):
        read_file(write(tmp_path, "time,yük\n2024-01-01,1\n", "cp1254"))
    with pytest.raises(UserError, match="not UTF-8"):
        read_file(write(tmp_path, "time,load\n2024-01-01,1\n", "utf-16"))


def test_workbooks_and_endless_numbers_are_refused_in_words(tmp_path):
    book = tmp_path / "load.xlsx"
    book.write_bytes(b"PK")
    with pytest.raises(UserError, match="workbooks are not read"):
        read_file(book)
    path = write(tmp_path, "time,load\n2024-01-01,1\n2024-01-02,inf\n")
    with pytest.raises(UserError, match="row 3, column 'load': inf is no value"):
        numbers(read_file(path), "load", path)


def test_times_with_and_without_an_offset_are_not_mixed(tmp_path):
    cells = ["2024-01-01T00:00", "2024-01-01T05:00+04:00", "2024-01-01T02:00"]
    path = write(tmp_path, "time,load\n" + "".join(f"{cell},1\n" for cell in cells))
    with pytest.raises(UserError, match=r"row 3.*'2024-01-01T05:00\+04:00' has an offset"):
        times(read_file(path), "time", path)
    # "-2024" is no offset
    days = times(pd.DataFrame({"time": ["31-01-2024", "01-02-2024"]}), "time", path, "Asia/Baku")
    zoned = times(pd.DataFrame({"time": ["2024-01-01T04:00+04:00"]}), "time", path)
    assert zoned.tolist() == [pd.Timestamp("2024-01-01", tz="UTC")]
    assert days.dt.day.nunique() == 2


def test_a_point_among_decimal_commas_is_refused(tmp_path):
    path = write(tmp_path, "time;load\n2024-01-01;1,5\n2024-01-02;1.234\n")
    with pytest.raises(UserError, match=r"row 3, column 'load': '1\.234' is not a number"):
        numbers(read_file(path), "load", path)

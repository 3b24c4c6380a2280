"""The file is read strictly: what is wrong is named with its line, its cause and a remedy."""

import gzip
import lzma
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orderlog.domain.money import UnitPrice
from orderlog_server.imports.online_retail.rows import COLUMNS, ImportFileError, Row, read_rows

HEADER = ",".join(COLUMNS)
MUGS = "100001,MUG,BLUE MUG,3,2020-12-01 09:00:00,2.50,101.0,United Kingdom"
PACKERS: list[Callable[[bytes], bytes]] = [bytes, lzma.compress, gzip.compress]


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("pack", PACKERS)
def test_reads_the_file_however_it_is_packed(
    small_shop: Path, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    packed = written(tmp_path / "any name", pack(small_shop.read_bytes()))
    assert list(read_rows(packed)) == list(read_rows(small_shop))


def test_a_row_has_decimals_times_and_plain_numbers(small_shop: Path) -> None:
    assert next(read_rows(small_shop)) == Row(
        line=2,
        invoice="100001",
        sku="MUG",
        title="BLUE MUG",
        quantity=3,
        at=datetime(2020, 12, 1, 9, tzinfo=UTC),
        price=UnitPrice(250, 2),
        customer="101",
        country="GB",
    )


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("0.0", UnitPrice(0, 2)),
        ("0.001", UnitPrice(1, 3)),
        ("-11062.06", UnitPrice(-1_106_206, 2)),
        ("7", UnitPrice(700, 2)),
        ("1.2345670", UnitPrice(1_234_567, 6)),
    ],
)
def test_prices_are_decimals_never_floats(tmp_path: Path, text: str, price: UnitPrice) -> None:
    file = written(tmp_path / "one.csv", f"{HEADER}\n{MUGS.replace('2.50', text)}\n")
    assert [row.price for row in read_rows(file)] == [price]


def test_quotes_commas_and_windows_line_ends(tmp_path: Path) -> None:
    row = MUGS.replace("BLUE MUG", '"MUG, ""BLUE"""')
    file = written(tmp_path / "quoted.csv", f"\ufeff{HEADER}\r\n{row}\r\n")
    assert [row.title for row in read_rows(file)] == ['MUG, "BLUE"']


BAD_FILES = {
    "empty file": ("", 1, "the columns are ''"),
    "wrong columns": ("id,sku\n1,MUG\n", 1, "the columns are 'id,sku'"),
    "another separator": (f"{HEADER.replace(',', ';')}\n", 1, "instead of InvoiceNo,StockCode"),
    "too few fields": (f"{HEADER}\n{MUGS}\n100002,MUG\n", 3, "2 fields instead of 8"),
    "too many fields": (f"{HEADER}\n{MUGS},x\n", 2, "9 fields instead of 8"),
    "quantity": (f"{HEADER}\n{MUGS.replace(',3,', ',3.5,')}\n", 2, "Quantity is '3.5'"),
    "quantity of words": (f"{HEADER}\n{MUGS.replace(',3,', ',1_0,')}\n", 2, "Quantity is '1_0'"),
    "price": (f"{HEADER}\n{MUGS.replace('2.50', '1e3')}\n", 2, "UnitPrice is '1e3'"),
    "precise price": (f"{HEADER}\n{MUGS.replace('2.50', '0.1234567')}\n", 2, "up to six places"),
    "date": (f"{HEADER}\n{MUGS.replace('2020-12-01', '01.12.2020')}\n", 2, "InvoiceDate is '01"),
    "no such day": (f"{HEADER}\n{MUGS.replace('-12-01', '-02-30')}\n", 2, "InvoiceDate is '2020"),
    "customer": (f"{HEADER}\n{MUGS.replace('101.0', '101.5')}\n", 2, "CustomerID is '101.5'"),
    "country": (f"{HEADER}\n{MUGS.replace('United Kingdom', 'Ruritania')}\n", 2, "'Ruritania'"),
    "no invoice": (f"{HEADER}\n{MUGS.replace('100001', ' ')}\n", 2, "InvoiceNo is ' '"),
    "open quote": (f"{HEADER}\n{MUGS.replace('BLUE', chr(34) + 'BLUE')}\n", 2, "not valid CSV"),
    "not UTF-8": (f"{HEADER}\n{MUGS.replace('BLUE', 'BLÅ')}\n".encode("latin-1"), 2, "not UTF-8"),
    "cut off in a line": (f"{HEADER}\n{MUGS}\n{MUGS[:40]}", 3, "stops in the middle"),
    "cut off at the last letter": (f"{HEADER}\n{MUGS}", 2, "stops in the middle"),
}


@pytest.mark.parametrize(("content", "line", "cause"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_bad_file_is_named_with_line_and_cause(
    tmp_path: Path, content: str | bytes, line: int, cause: str
) -> None:
    with pytest.raises(ImportFileError) as caught:
        list(read_rows(written(tmp_path / "bad.csv", content)))
    assert caught.value.line == line
    assert cause in str(caught.value)
    assert str(caught.value).endswith("and import again, nothing was imported.")


@pytest.mark.parametrize("pack", PACKERS[1:])
def test_a_packed_file_that_is_cut_off(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(f"{HEADER}\n{MUGS}\n".encode() * 5)
    with pytest.raises(ImportFileError, match="packed file is cut off or damaged"):
        list(read_rows(written(tmp_path / "cut", packed[:-10])))


def test_a_packed_file_that_is_damaged(tmp_path: Path) -> None:
    packed = bytearray(lzma.compress(f"{HEADER}\n{MUGS}\n".encode()))
    packed[40] ^= 0xFF
    with pytest.raises(ImportFileError, match="cut off or damaged"):
        list(read_rows(written(tmp_path / "damaged", bytes(packed))))

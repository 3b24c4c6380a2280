"""The rows of the file, read strictly and one by one: anything doubtful is an error with a line.

The file is plain CSV in UTF-8, or the same packed with xz or gzip; its first bytes say which.
"""

import csv
import gzip
import lzma
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, TypeVar

from orderlog.domain.money import (
    UNIT_PRICE_SCALE_MAX,
    UnitPrice,
    checked,
    parse_decimal,
    rescale,
)
from orderlog.domain.rejections import Rejected
from orderlog_server.imports.online_retail.countries import COUNTRY_CODES

COLUMNS: Final = (
    *("InvoiceNo", "StockCode", "Description", "Quantity"),
    *("InvoiceDate", "UnitPrice", "CustomerID", "Country"),
)
PENCE_SCALE: Final = 2
TIME_FORMAT: Final = "%Y-%m-%d %H:%M:%S"
MAGIC_BYTES: Final = 6
XZ_MAGIC: Final = b"\xfd7zXZ\x00"
GZIP_MAGIC: Final = b"\x1f\x8b"
SHOWN_CHARACTERS_MAX: Final = 40
WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,9}")
CUSTOMER_NUMBER: Final = re.compile(r"([0-9]{1,9})(?:\.0)?")
BROKEN_ARCHIVE: Final = (EOFError, lzma.LZMAError, gzip.BadGzipFile, zlib.error)

T = TypeVar("T")


class ImportFileError(Exception):
    """The file cannot be imported: one sentence with the line, the cause and the remedy."""

    def __init__(self, line: int, cause: str, remedy: str = "mend that line") -> None:
        super().__init__(f"Line {line}: {cause}; {remedy} and import again, nothing was imported.")
        self.line = line
        self.cause = cause


class Row(NamedTuple):
    """One invoice line. `line` counts from 1, the header included; `price` may be negative.

    `country` is the ISO code, `customer` the number without the `.0` of spreadsheets.
    """

    line: int
    invoice: str
    sku: str
    title: str
    quantity: int
    at: datetime
    price: UnitPrice
    customer: str | None
    country: str


def read_rows(path: Path) -> Iterator[Row]:
    """All rows in the order of the file. Raises `ImportFileError`, `OSError`."""
    with open_packed(path) as file:
        yield from parse_rows(file)


def open_packed(path: Path) -> BinaryIO:
    """The bytes of the CSV, whatever it is packed with."""
    with path.open("rb") as file:
        magic = file.read(MAGIC_BYTES)
    if magic == XZ_MAGIC:
        return BufferedReader(lzma.open(path))
    if magic.startswith(GZIP_MAGIC):
        return BufferedReader(gzip.open(path))
    return path.open("rb")


def parse_rows(file: Iterable[bytes]) -> Iterator[Row]:
    """The rows of an unpacked file."""
    lines = Lines(file)
    reader = csv.reader(lines, strict=True)
    parse = RowParser()
    try:
        _require_header(next(reader, list[str]()))
        for fields in reader:
            yield parse(lines.number, fields)
    except csv.Error as error:
        raise ImportFileError(lines.number, f"this is not valid CSV ({error})") from error
    except BadField as error:
        raise ImportFileError(lines.number, str(error)) from None


class Lines:
    """Decodes line by line, so that an error can name its line."""

    def __init__(self, file: Iterable[bytes]) -> None:
        self.number = 0
        self._file = file

    def __iter__(self) -> Iterator[str]:
        for raw in self._raw_lines():
            self.number += 1
            if not raw.endswith(b"\n"):
                cause = "the file stops in the middle of this line"
                raise ImportFileError(self.number, cause, "fetch the whole file")
            yield self._decoded(raw)

    def _raw_lines(self) -> Iterator[bytes]:
        try:
            yield from self._file
        except BROKEN_ARCHIVE as error:
            cause = f"the packed file is cut off or damaged from here on ({error})"
            raise ImportFileError(self.number + 1, cause, "fetch the whole file") from error

    def _decoded(self, raw: bytes) -> str:
        try:
            return raw.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            cause = f"byte {error.start + 1} is not UTF-8"
            raise ImportFileError(self.number, cause, "convert the file to UTF-8") from error


def _require_header(fields: list[str]) -> None:
    if tuple(fields) != COLUMNS:
        cause = f"the columns are {_shown(','.join(fields))} instead of {','.join(COLUMNS)}"
        raise ImportFileError(1, cause, "name the columns so")


class BadField(Exception):
    """The text of one field is not what its column holds."""

    def __init__(self, column: str, text: str, wanted: str) -> None:
        super().__init__(f"{column} is {_shown(text)}, not {wanted}")


class Texts(dict[str, T]):
    """What each distinct text of a column means: parsed once, shared by all its rows."""

    def __init__(self, parse: Callable[[str], T]) -> None:
        self._parse = parse

    def __missing__(self, text: str) -> T:
        value = self[text] = self._parse(text)
        return value


class RowParser:
    def __init__(self) -> None:
        self._invoices = Texts(lambda text: _code("InvoiceNo", text))
        self._skus = Texts(lambda text: _code("StockCode", text))
        self._titles = Texts(str.strip)
        self._quantities = Texts(_quantity)
        self._times = Texts(_time)
        self._prices = Texts(_price)
        self._customers = Texts(_customer)
        self._countries = Texts(_country)

    def __call__(self, line: int, fields: list[str]) -> Row:
        if len(fields) != len(COLUMNS):
            cause = f"there are {len(fields)} fields instead of {len(COLUMNS)}"
            raise ImportFileError(line, cause)
        invoice, sku, title, quantity, at, price, customer, country = fields
        return Row(
            line,
            self._invoices[invoice],
            self._skus[sku],
            self._titles[title],
            self._quantities[quantity],
            self._times[at],
            self._prices[price],
            self._customers[customer],
            self._countries[country],
        )


def _code(column: str, text: str) -> str:
    code = text.strip()
    if not code:
        raise BadField(column, text, "a code")
    return code


def _quantity(text: str) -> int:
    if not WHOLE_NUMBER.fullmatch(text):
        raise BadField("Quantity", text, "a whole number")
    return int(text)


def _time(text: str) -> datetime:
    try:
        return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        raise BadField("InvoiceDate", text, "a time such as 2010-12-01 08:26:00") from None


def _price(text: str) -> UnitPrice:
    try:
        amount, scale = parse_decimal(text)
        wanted = min(max(scale, PENCE_SCALE), UNIT_PRICE_SCALE_MAX)
        return UnitPrice(checked(rescale(amount, scale, wanted)), wanted)
    except Rejected:
        raise BadField("UnitPrice", text, "a decimal of up to six places") from None


def _customer(text: str) -> str | None:
    if not text:
        return None
    match = CUSTOMER_NUMBER.fullmatch(text)
    if match is None:
        raise BadField("CustomerID", text, "a number such as 17850.0")
    return match[1]


def _country(text: str) -> str:
    try:
        return COUNTRY_CODES[text]
    except KeyError:
        raise BadField("Country", text, "a country that this importer knows") from None


def _shown(text: str) -> str:
    cut = text[:SHOWN_CHARACTERS_MAX]
    return repr(cut if cut == text else f"{cut}…")

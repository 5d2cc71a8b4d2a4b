"""Tables in text files (CSV, RFC 4180): rows of numbers, and one column of labels or targets."""

import csv
import difflib
import math
from typing import NamedTuple

import numpy as np

from pellucid.errors import ArgumentError, DataFileError, DataNotFoundError

MISSING = ("", "NA", "N/A", "NaN", "nan", "null")


class Table(NamedTuple):
    """What `read_csv` gives. `x, y = table[:2]` takes the arrays.

    >>> table = Table(np.zeros((2, 1)), np.array([1, 0]), ("width",), ("aster", "rose"))
    >>> x, y = table[:2]
    >>> [table.classes[label] for label in y]
    ['rose', 'aster']
    """

    x: np.ndarray  # (rows, columns), of the dtype asked for
    y: np.ndarray | None  # labels int64 (rows,), targets (rows, 1), or None if neither was asked for
    columns: tuple  # the names of the columns of x; numbers if the file has no header
    classes: tuple  # the text of each label: class k is classes[k]; empty if there are none


def read_csv(
    path,
    *,
    header=True,
    columns=None,
    labels=None,
    target=None,
    dtype=np.float32,
    missing=MISSING,
    fill=None,
    delimiter=",",
    encoding="utf-8-sig",
):
    r"""Read a table: a Table with `x` of shape (rows, columns), `y`, the names of the columns and those of the classes.

    `header` says whether the first line has the names of the columns; without it they are 0, 1, 2 ... `columns` are
    those that x shall have, in that order; left out: all but the one of y. `labels` is the column of the classes: any
    texts, numbered in sorted order (whole numbers by size) as int64 (rows,). `target` instead is a column of numbers to
    learn, (rows, 1). Texts in `missing` stand for no number: `fill` takes their place (np.nan marks them), without it
    they are refused. Empty lines are skipped.

    Raises DataFileError, with file, line and column, for what is not a number, a missing number, a line with too few or
    too many fields; ArgumentError for a column that is not there; DataNotFoundError if there is no such file.

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "flowers.csv")
    >>> _ = path.write_text("width,height,kind\n1,2.5,rose\n3,4,aster\n", encoding="utf-8")
    >>> table = read_csv(path, labels="kind")
    >>> table.x.tolist(), table.y.tolist(), table.columns, table.classes
    ([[1.0, 2.5], [3.0, 4.0]], [1, 0], ('width', 'height'), ('aster', 'rose'))
    """
    if labels is not None and target is not None:
        raise ArgumentError("read_csv was given labels and target; y can be one of them only.")
    dtype = np.dtype(dtype)
    if dtype.kind not in "fiu":
        raise ArgumentError(f"dtype must be a float or an integer, not {dtype}.")
    if len(delimiter) != 1:
        raise ArgumentError(f"delimiter must be one character, not {delimiter!r}.", remedy=r"Tabs are delimiter='\t'.")
    missing = {missing} if isinstance(missing, str) else set(missing)  # a text is one mark, not its letters
    names, rows = lines_of(path, header, delimiter, encoding)
    of_y = labels if labels is not None else target
    y_at = None if of_y is None else position(of_y, names, path)
    if columns is None:
        x_at = [i for i in range(len(names)) if i != y_at]
    else:
        x_at = [position(column, names, path) for column in columns]

    def numbers(at):
        read = Reader(path, dtype, missing, fill)
        parsed = [[read.number(fields[i], line, names[i]) for i in at] for line, fields in rows]
        return np.array(parsed, dtype).reshape(len(rows), len(at))

    x = numbers(x_at)
    if y_at is None:
        y, classes = None, ()
    elif labels is None:
        y, classes = numbers([y_at]), ()
    else:
        y, classes = classes_of([fields[y_at].strip() for _, fields in rows], rows, path, names[y_at], missing)
    return Table(x, y, tuple([names[i] for i in x_at]), classes)


def lines_of(path, header, delimiter, encoding):
    """The names of the columns, and the other lines as (line number, fields), all equally many."""
    try:
        with open(path, encoding=encoding, newline="") as file:
            names, rows = split_lines(csv.reader(file, delimiter=delimiter, strict=True), path, header, delimiter)
    except FileNotFoundError:
        raise DataNotFoundError(f"{path} is not there.", remedy="Paths are relative to the working folder.") from None
    except IsADirectoryError:
        raise DataFileError(f"{path} is a folder.") from None
    except LookupError:
        raise ArgumentError(
            f"there is no encoding {encoding!r}.", remedy="Such as 'utf-8', 'latin-1', 'gb18030'."
        ) from None
    except UnicodeError as error:
        what = str(error)
        if isinstance(error, UnicodeDecodeError):  # its position counts from the last piece of the file that was read
            what = f"byte {error.object[error.start]:#04x} means nothing there"
        raise DataFileError(
            f"{path} is no text in {encoding}: {what}.",
            remedy="Pass its encoding, such as encoding='latin-1' or 'gb18030'.",
        ) from None
    if not rows:
        raise DataFileError(f"{path} has no rows.")
    return names, rows


def split_lines(reader, path, header, delimiter):
    """The names of the columns and the rows, from a reader of CSV."""
    names: list = []
    rows = []
    try:
        for fields in reader:
            if not fields:
                continue
            if not names:
                names = header_of(fields, path) if header else list(range(len(fields)))
                if header:
                    continue
            if len(fields) != len(names):
                raise DataFileError(
                    f"{path}, line {reader.line_num}: {len(fields)} fields, but {len(names)} columns.",
                    remedy=f"Is {delimiter!r} the delimiter? A text that contains it stands in double quotes.",
                )
            rows.append((reader.line_num, fields))
    except csv.Error as error:
        raise DataFileError(f"{path}, line {reader.line_num}: {error}.") from None
    return names, rows


def header_of(fields, path):
    """The names of the columns."""
    names = [field.strip() for field in fields]
    if all(is_number(name) for name in names):
        raise DataFileError(
            f"{path}: the first line has numbers only, where names of columns were expected.", remedy="header=False"
        )
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise DataFileError(f"{path}: two columns have the name {twice!r}.", remedy="Skip the names, or change one.")
    return names


def position(column, names, path):
    """Which column of the file this is, by its name, or by its number if the file has no header."""
    if column in names and not isinstance(column, bool):
        return names.index(column)
    other = next((sign for sign in ";\t|" if len(names) == 1 and sign in str(names[0])), None)
    between = f"The columns seem to be divided by {other!r}: delimiter={other!r}" if other else None
    near = difflib.get_close_matches(str(column), [str(name) for name in names], 1)
    raise ArgumentError(
        f"{path} has no column {column!r}; it has {', '.join(map(repr, names))}.",
        remedy=between or (f"Did you mean {near[0]!r}?" if near else None),
    )


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


class Reader:
    """Makes numbers of texts, and says where one is that is none."""

    def __init__(self, path, dtype, missing, fill):
        self.path = path
        self.dtype = dtype
        self.missing = missing
        self.fill = fill
        limits = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
        kind = float if dtype.kind == "f" else int
        self.least, self.most = kind(limits.min), kind(limits.max)
        if fill is not None and not self.can_hold(fill):
            raise ArgumentError(f"fill must be a number that {dtype} can hold, not {fill!r}.")

    def can_hold(self, fill):
        """Is it a number that the dtype has? Floats have NaN and infinity as well."""
        kinds = (int, np.integer, float, np.floating) if self.dtype.kind == "f" else (int, np.integer)
        return isinstance(fill, kinds) and (self.least <= fill <= self.most or not math.isfinite(fill))

    def number(self, text, line, column):
        """The number in one field."""
        text = text.strip()
        if text in self.missing:
            if self.fill is None:
                raise self.refusal(line, column, "the number is missing", "fill=0, fill=np.nan, or leave the row out.")
            return self.fill
        if not is_number(text):
            remedy = (
                "A number has a point in it, 1.5: replace the commas in the file."
                if is_number(text.replace(",", "."))
                else "Name the column of classes (target=), choose the others (columns=), or say what is missing=."
            )
            raise self.refusal(line, column, f"{text!r} is no number", remedy)
        try:
            number = float(text) if self.dtype.kind == "f" else int(text)
        except ValueError:
            raise self.refusal(line, column, f"{text!r} is no whole number", "dtype=np.float32") from None
        if not self.least <= number <= self.most and math.isfinite(number):
            raise self.refusal(line, column, f"{number} does not fit into {self.dtype}", "Choose a wider dtype.")
        return number

    def refusal(self, line, column, what, remedy):
        return DataFileError(f"{self.path}, line {line}, column {column!r}: {what}.", remedy=remedy)


def classes_of(texts, rows, path, column, missing):
    """The number of each label, and the text of each number."""
    for text, (line, _) in zip(texts, rows, strict=True):
        if text in missing:
            raise DataFileError(f"{path}, line {line}, column {column!r}: the label is missing.")
    whole = all(text.removeprefix("-").isdecimal() for text in texts)
    classes = sorted(set(texts))
    if whole:
        classes.sort(key=int)  # "01" and "1" stay in the order of their texts
    number = {text: k for k, text in enumerate(classes)}
    return np.array([number[text] for text in texts], np.int64), tuple(classes)

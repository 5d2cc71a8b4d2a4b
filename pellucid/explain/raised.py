"""The page of an error in either language, with the smallest program that raises it and the message that just came."""

import contextlib
import inspect
import os
import tempfile
import warnings

from pellucid.errors import PellucidError
from pellucid.explain.error_pages import PAGES

WORDS = {
    "en": ("The smallest program that raises it, run just now:", "Caught by `except` with: ", "Remedy", "Why"),
    "zh": ("会引发它的最小程序（刚刚运行过）：", "`except` 可以用这些类捕获：", "解决办法", "原因"),
}


def error_parts(error, lang, space):
    """The parts of the page of an error class; `space` holds the names that examples may use."""
    found = PAGES[error.__name__]
    example, caught, remedy, why = WORDS[lang]
    if lang == "zh":
        text = f"{found.what}\n\n{why}：{found.why}\n\n{remedy}：{found.remedy}"
    else:
        text = inspect.getdoc(error) or ""
    ordinary = (Exception, BaseException, object)
    names = [base.__name__ for base in error.__mro__ if base not in ordinary]
    name, message = message_of(found.example, space)
    program = indented(found.example)
    return [text, f"{example}\n{program}\n\n{indented(f'{name}: {message}')}", f"{caught}{', '.join(names)}"]


def message_of(example, space):
    """Run an example; the class and the text of the error that came. It leaves nothing behind."""
    with left_as_it_was(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(example, "program.py", "exec"), space)
        except PellucidError as error:
            return type(error).__name__, str(error)
    return "nothing", "the program ran"


@contextlib.contextmanager
def left_as_it_was():
    """For `with`: a folder of its own as the present one; environment and folders are put back afterwards."""
    environment, temporary = dict(os.environ), tempfile.tempdir
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, contextlib.chdir(folder):
        try:
            os.environ["PELLUCID_TARGET"] = "numpy"  # nothing needs a compiler but what names it
            yield
        finally:
            os.environ.clear()
            os.environ.update(environment)
            tempfile.tempdir = temporary


def indented(text):
    """Four blanks before each line."""
    return "\n".join([f"    {line}".rstrip() for line in text.splitlines()])

"""Which language is spoken, and what may be sent to a terminal."""

import locale
import os
import sys
import unicodedata

LANGUAGES = ("en", "zh")


def language(chosen=None):
    """What was chosen, else what PELLUCID_LANG says, else that of the system, else English."""
    named = chosen or os.environ.get("PELLUCID_LANG") or first_locale() or "en"
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"  # Windows calls it Chinese


def first_locale():
    """The locale that messages are to be in, as the system says: "zh_CN.UTF-8"."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return os.environ[name]
    return locale.getlocale()[0] or ""


def plain(text):
    r"""A text without characters that would command the terminal: each is shown by its number, as \x1b.

    Left are line ends and tabs. Among the rest are those that turn the direction of writing around.
    """
    return "".join([each if is_visible(each) else escaped(each) for each in str(text)])


def is_visible(character):
    return character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def escaped(character):
    number = ord(character)
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}" if number < 65536 else f"\\U{number:08x}"


COLOURS = {"green": "32", "red": "31", "yellow": "33", "bold": "1", "dim": "2"}


def painted(text, colour):
    """The text in a colour, if it goes to a terminal and nobody asked for none (NO_COLOR)."""
    if os.environ.get("NO_COLOR") or not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return text
    return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m"


def indented(text, by="    "):
    """Each line a little to the right."""
    return "\n".join([by + line if line.strip() else "" for line in str(text).splitlines()])

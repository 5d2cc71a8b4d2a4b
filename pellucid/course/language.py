"""Two languages from one source: what is said is said in both, and one switch on top chooses which is shown."""

import os

from pellucid.errors import ArgumentError
from pellucid.workshop.language import language

LANGUAGES = {"en": "English", "zh": "中文"}


def default_language():
    """PELLUCID_LANG if it is set, else the language of the locale if it is one of ours, else English."""
    wish = os.environ.get("PELLUCID_LANG")
    if wish and wish not in LANGUAGES:
        raise ArgumentError(f"PELLUCID_LANG is {wish!r}.", remedy="Set it to en or zh.")
    return language()


def language_switch():
    """The switch on top of a lesson."""
    import marimo

    at_first = LANGUAGES[default_language()]
    return marimo.ui.radio({name: code for code, name in LANGUAGES.items()}, value=at_first, inline=True)

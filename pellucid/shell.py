"""What the commands share: how the user calls this program again, and a recipe that does not exist."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click

from pellucid.errors import PellucidError


def program():
    """The word or words that call this program, as the user called it now."""
    script = Path(sys.argv[0])
    if script.stem.lower() == "pellucid" and "UV" in os.environ:  # uv's environments are not on the user's PATH
        return "uv run pellucid" if "UV_RUN_RECURSION_DEPTH" in os.environ else "uvx --from . pellucid"
    if script.name != "__main__.py" and script.stem.lower() == "pellucid":
        return "pellucid" if shutil.which("pellucid") else quoted(shortened(script))
    return f"{quoted(shortened(Path(sys.executable)))} -m pellucid"


def shortened(path):
    """A path below the current folder without what leads there."""
    try:
        return Path(path).absolute().relative_to(Path.cwd())
    except ValueError:
        return path


def quoted(text):
    """A word as the shell of this system wants it."""
    return subprocess.list2cmdline([str(text)]) if os.name == "nt" else shlex.quote(str(text))


def how_to_resume(run):
    """What to say after Ctrl-C in a training."""
    kept = f"Interrupted. What was trained is kept in {run.folder}. Go on with:"
    return f"\n{kept}\n  {program()} resume {quoted(run.folder)}"


def known_recipe(name):
    """A recipe that does not exist was asked for wrongly (code 2); all other trouble is no fault of the command."""
    from pellucid import recipes

    try:
        recipes.find(name)
    except PellucidError as error:
        raise click.UsageError(f"{error.message} {error.remedy}") from None

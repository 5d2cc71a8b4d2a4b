"""`pellucid workshop watch`: each file is checked as soon as it is saved."""

import time
from contextlib import suppress

import click

from pellucid.errors import PellucidError
from pellucid.workshop import table
from pellucid.workshop.folder import fingerprint
from pellucid.workshop.language import plain
from pellucid.workshop.piece import Text
from pellucid.workshop.referee import Referee
from pellucid.workshop.session import check_one

EVERY = 0.1  # seconds
WATCHING = Text(
    "Watching {folder}. Save a file to have it checked; Ctrl-C ends.",
    "正在看着 {folder}。保存文件即检查；按 Ctrl-C 结束。",
)


def watch(folder, language):
    """Look at the files again and again until Ctrl-C; check those that were saved."""
    stamps = {name: stamp(folder, name) for name in table.NAMES}
    texts = {name: fingerprint(folder.source(name)) for name in table.NAMES}
    referees = {}
    click.echo(getattr(WATCHING, language).format(folder=plain(folder.path)))
    try:
        while True:
            time.sleep(EVERY)
            for name in table.NAMES:
                now = stamp(folder, name)
                if now == stamps[name] or now is None:  # None: an editor is about to replace it
                    continue
                stamps[name] = now
                try:
                    text = fingerprint(folder.source(name))
                    if text == texts[name]:
                        continue
                    texts[name] = text
                    if name not in referees:
                        referees[name] = Referee(table.piece(name))
                    click.echo("")
                    check_one(folder, name, language, referees[name])
                except PellucidError as error:
                    click.echo(plain(f"{error.message} {error.remedy or ''}"), err=True)
    finally:
        for referee in referees.values():
            referee.close()


def stamp(folder, name):
    """When the file was written, and how long it is; None if there is none."""
    with suppress(OSError):
        found = folder.file(name).stat()
        return found.st_mtime_ns, found.st_size, found.st_ino
    return None

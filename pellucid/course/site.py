"""Builds the site: the lessons, run once, as pages in each language that need neither server nor network.

    site/index.html          choice of the language
    site/en/index.html       the lessons        (and site/zh/...)
    site/en/one_neuron.html  a lesson
    site/assets/             style and script
    site/pictures/           each picture once, for all languages
    site/pellucid-site.json  what this folder is, and which files we wrote

The new site is written beside the old one and takes its place as a whole. A folder that is not ours is never touched,
nor is one in which somebody has put files of their own.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

import pellucid
from pellucid.course import catalogue, page
from pellucid.course.outputs import script
from pellucid.course.play import play
from pellucid.errors import ArgumentError, FormatError

LABEL, FORMAT = "pellucid-site.json", 1
INLINE = re.compile(r'src="data:image/png;base64,([^"]+)"')


def build(out, languages, lessons=None, tell=lambda text: None):
    """Write the site of these (or all) lessons into the folder `out`; the path of its first page."""
    out = Path(os.path.abspath(out))
    check_replaceable(out)
    lessons = catalogue.lessons() if lessons is None else lessons
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", suffix=".unfinished", dir=out.parent))
    try:
        os.chmod(beside, 0o755)  # mkdtemp makes it for its owner only, but a site is to be served
        write(beside, languages, lessons, tell)
        put_in_place(beside, out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return out / "index.html"


def write(folder, languages, lessons, tell):
    """All files of the site, into an empty folder."""
    put(folder / "assets" / "site.css", "".join(script(f"{name}.css") for name in ("stepper", "questions", "site")))
    put(folder / "assets" / "site.js", script("site.js"))
    for number, lesson in enumerate(lessons):
        tell(f"{lesson.name} ...")
        cells = play(lesson.path)
        for lang in languages:
            text = page.lesson_page(cells, lessons, number, lang, languages)
            put(folder / lang / f"{lesson.name}.html", with_files(text, folder / "pictures", lesson.name))
    for lang in languages:
        put(folder / lang / "index.html", page.index_page(lessons, lang, languages))
    put(folder / "index.html", page.first_page(lessons, languages))
    label = {
        "format": FORMAT,
        "pellucid": pellucid.__version__,
        "languages": list(languages),
        "files": files_in(folder),
    }
    put(folder / LABEL, json.dumps(label, indent=1) + "\n")


def put(path, text):
    """Write a text file, and the folders that lead to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def with_files(text, folder, name):
    """A page whose pictures are files: the same picture is one file in all languages."""

    def one(found):
        data = base64.b64decode(found[1])
        file = folder / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}.png"
        if not file.exists():
            folder.mkdir(exist_ok=True)
            file.write_bytes(data)
        return f'src="../{folder.name}/{file.name}"'

    return INLINE.sub(one, text)


def files_in(folder):
    """The names of all files below a folder, with / between their parts."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def check_replaceable(out, name=LABEL, command="pellucid course build"):
    """A folder may be replaced if it is empty, or if we wrote all that is in it: then it has a label of this name."""
    if not out.exists() and not out.is_symlink():
        return
    elsewhere = f"Give another folder: {command} --out FOLDER"
    if not out.is_dir() or out.is_symlink():
        raise ArgumentError(f"{out} exists and is no folder.", elsewhere)
    there = files_in(out)
    if not there and not any(out.iterdir()):
        return
    if name not in there:
        raise ArgumentError(f"{out} exists and was not made by `{command}`.", elsewhere)
    try:
        label = json.loads((out / name).read_text(encoding="utf-8"))
        ours, format_ = set(label["files"]), label["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{out / name} cannot be read: {error!r}.", elsewhere) from None
    if format_ > FORMAT:
        raise FormatError(f"{out} was made by a newer Pellucid (format {format_}, known is {FORMAT}).", elsewhere)
    if foreign := [file for file in there if file not in ours and file != name]:
        raise ArgumentError(f"{out} holds a file that is not part of the site: {foreign[0]}.", elsewhere)


def put_in_place(new, out):
    """The new folder in the place of the old one, if there is one."""
    if not out.exists():
        os.replace(new, out)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}-", suffix=".unfinished", dir=out.parent))
    os.replace(out, old / "site")
    try:
        os.replace(new, out)
    except OSError:
        os.replace(old / "site", out)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)

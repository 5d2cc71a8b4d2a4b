"""`pellucid course`: lists the lessons, opens one in the browser, builds the site."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

from pellucid.course import catalogue
from pellucid.course.language import LANGUAGES, default_language
from pellucid.errors import ArgumentError, UnsupportedError
from pellucid.workshop.piece import Text

INSTALL = 'pip install "pellucid[course]", or pip install ".[course]" in a checkout'
MINUTES = Text("about {} minutes", "约 {} 分钟")
NEEDED = Text("You should know: {}", "预备知识：{}")
WRITTEN = Text("You write: {}", "要写的部件：{}")
HOW = Text(
    "Read one in the browser:        pellucid course open {name}\n"
    "Change its numbers and code:    pellucid course open {name} --edit\n"
    "All of them as a folder of pages that need no server: pellucid course build",
    "在浏览器里阅读：          pellucid course open {name}\n"
    "改动其中的数字和代码：    pellucid course open {name} --edit\n"
    "把全部课程做成一个不需要服务器的网页文件夹：pellucid course build",
)
COPIED = Text("{} is your copy: change what you like.", "{} 是给你的副本，可以随意改动。")
OPENING = Text("The lesson is shown until you press Ctrl+C here.", "在这里按 Ctrl+C 结束。")
BUILT = Text("Open {} in a browser.", "请用浏览器打开 {}。")

language_option = click.option(
    "--lang", type=click.Choice(list(LANGUAGES)), help="The language. Default: PELLUCID_LANG, else your system's."
)


class LessonsToo(click.Group):
    """`pellucid course one_neuron` means `pellucid course open one_neuron`."""

    def resolve_command(self, ctx, args):
        """See LessonsToo."""
        return super().resolve_command(ctx, args if args[0] in self.commands else ["open", *args])


@click.group(
    cls=LessonsToo, invoke_without_command=True, short_help="The lessons: list them, open one, build the site."
)
@language_option
@click.pass_context
def course(context, lang):
    """List the lessons, or open the one that is named."""
    context.obj = lang or default_language()
    if context.invoked_subcommand is None:
        listing(context.obj)


def listing(lang):
    """What there is, how long it takes, what one needs."""
    all_lessons = catalogue.lessons()
    for each in all_lessons:
        minutes = getattr(MINUTES, lang).format(each.minutes)
        click.echo(f"{click.style(each.name, bold=True)}: {getattr(each.title, lang)} ({minutes})")
        click.echo(f"    {getattr(NEEDED, lang).format(getattr(each.needs, lang))}")
        click.echo(f"    {getattr(WRITTEN, lang).format(', '.join(each.pieces))}\n")
    click.echo(getattr(HOW, lang).format(name=all_lessons[0].name))


@course.command("open")
@click.argument("name")
@click.option("--edit", is_flag=True, help="With code to change, in a copy NAME.py in the present folder.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port on this computer. Default: a free one.")
@click.option("--no-browser", is_flag=True, help="Only serve; print the address.")
@language_option
@click.pass_obj
def open_lesson(chosen, name, edit, port, no_browser, lang):
    """Open the lesson NAME in the browser. It is served to this computer only."""
    lang = lang or chosen
    lesson = catalogue.lesson(name)
    need("marimo", f"opening the lesson {name}")
    path = own_copy(lesson, lang) if edit else lesson.path
    command = [sys.executable, "-m", "marimo", "edit" if edit else "run", str(path), "--host", "127.0.0.1"]
    command += ["--headless"] if no_browser else []
    command += ["--port", str(port)] if port else []
    environment = os.environ | {"PELLUCID_LANG": lang, "MARIMO_SKIP_UPDATE_CHECK": "1"}
    click.echo(getattr(OPENING, lang))
    with subprocess.Popen(command, env=environment) as server:
        try:
            return server.wait()
        except KeyboardInterrupt:  # the server got it as well, and ends by itself
            server.wait()
            return 0


def need(package, what):
    """Refuse politely if a package of the extra `course` is missing."""
    if importlib.util.find_spec(package) is None:
        raise UnsupportedError(f"{what} needs the package {package}, which is not installed.", INSTALL)


def own_copy(lesson, lang):
    """The reader's copy of a lesson in the present folder: made if there is none, never written over."""
    path = Path(f"{lesson.name}.py")
    if not path.exists():
        shutil.copyfile(lesson.path, path)
    elif "marimo.App" not in path.read_text(encoding="utf-8", errors="replace"):
        raise ArgumentError(f"{path} exists here and is no lesson.", "Go to another folder, or rename that file.")
    click.echo(getattr(COPIED, lang).format(path))
    return path


@course.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("site"), help="The folder to make. Default: site.")
@click.option("--lang", default=",".join(LANGUAGES), help="Languages with commas between them. Default: all.")
@click.pass_obj
def build(chosen, out, lang):
    """Run the lessons and write them as a folder of pages that need neither server nor network."""
    from pellucid.course import site

    languages = list(dict.fromkeys(each.strip() for each in lang.split(",")))
    if unknown := [each for each in languages if each not in LANGUAGES]:
        raise click.UsageError(f"there is no language {unknown[0]!r}; there are {', '.join(LANGUAGES)}.")
    for package in ("marimo", "latex2mathml", "pygments"):
        need(package, "building the site")
    index = site.build(out, languages, tell=click.echo)
    click.echo(getattr(BUILT, chosen).format(index))

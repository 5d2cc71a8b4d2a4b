"""What the cells of a lesson show. Each kind knows two forms: live in marimo, and as HTML for the site.

`html(lang)` gives the static form in either language, whatever language the lesson was run in. Kinds with a script are
shown in marimo by the same HTML, inside a frame of its own.
"""

import base64
import functools
import html
import io
import json
import re
from pathlib import Path

from pellucid.course.mathml import with_mathml
from pellucid.workshop.piece import Text

STOPS = "[\u3000-\u303f\uff00-\uffef”]"  # marks after which no space stands
HAN = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”]"


class Output:
    """Something that a cell shows, in one of two languages."""

    def __init__(self, lang="en"):
        self.lang = lang

    def html(self, lang):
        """The static form: HTML that needs no server and no network."""
        raise NotImplementedError

    def live(self):
        """The form for marimo, something that marimo knows how to show."""
        import marimo

        page = (
            '<!doctype html><meta charset="utf-8"><style>body{margin:0;padding:1px;background:#fff}</style>'
            f'<body lang="{self.lang}">{self.html(self.lang)}<script>{script("frame.js")}</script>'
        )
        return marimo.iframe(page)

    def _mime_(self):
        return "text/html", self.live().text


class Say(Output):
    """A text in both languages, in Markdown. Formulas stand between dollar signs."""

    def __init__(self, en, zh, lang="en"):
        super().__init__(lang)
        self.text = Text(en, joined(zh))

    def __str__(self):
        return getattr(self.text, self.lang)

    def live(self):
        """Markdown with formulas, which marimo draws."""
        import marimo

        return marimo.md(getattr(self.text, self.lang))

    def html(self, lang):
        """Markdown as HTML, formulas as MathML."""
        import marimo

        return with_mathml(marimo.md(getattr(self.text, lang)).text)


def joined(text):
    """Chinese has no spaces between words, so a line that was broken in the source is joined without one."""
    text = re.sub(rf"(?<={HAN})\n *(?=\**{HAN}|\*\*)", "", text)
    text = re.sub(rf"(?<={HAN}\*\*)\n *(?={HAN})", "", text)
    return re.sub(rf"(?<={STOPS})\n *(?=[\w`$])", "", text)


class Voice:
    """`say`: made once, for the language that the switch on top of the lesson shows."""

    def __init__(self, lang):
        self.lang = lang

    def __call__(self, *, en, zh):
        """Say it in both languages."""
        return Say(en, zh, self.lang)


class Picture(Output):
    """A matplotlib figure with its caption, and a text for those who do not see it."""

    def __init__(self, figure, *, caption, alt):
        super().__init__(caption.lang)
        self.figure, self.caption, self.alt = figure, caption, alt

    @functools.cached_property
    def png(self):
        """The picture as a file's bytes: drawn once, for all languages."""
        file = io.BytesIO()
        self.figure.savefig(file, format="png", dpi=130)
        return file.getvalue()

    def html(self, lang):
        """The picture inside the page."""
        data = base64.b64encode(self.png).decode()
        alt = html.escape(getattr(self.alt.text, lang), quote=True)
        return (
            f'<figure style="margin:1em 0"><img alt="{alt}" style="max-width:100%;height:auto;background:#fff" '
            f'width="{self.figure.get_figwidth() * 100:.0f}" src="data:image/png;base64,{data}">'
            f"<figcaption>{self.caption.html(lang)}</figcaption></figure>"
        )

    def live(self):
        """The same, with the caption as marimo draws it."""
        import marimo

        page = self.html(self.lang)
        return marimo.Html(page.replace(self.caption.html(self.lang), self.caption.live().text))


class Varied(Output):
    """What changes with a slider (mo.ui.slider with `steps`): live, for where it stands; static, for all its steps."""

    def __init__(self, slider, make, label):
        super().__init__(label.lang)
        self.slider, self.make, self.label = slider, functools.cache(make), label

    def live(self):
        """The slider's present state, drawn now."""
        return self.make(self.slider.value).live()

    def html(self, lang):
        """One state for each step of the slider, and a slider of the page's own that shows one of them."""
        values = list(self.slider.steps)
        at = values.index(self.slider.value)
        states = "".join(
            f"<div{'' if i == at else ' hidden'}>{self.make(value).html(lang)}</div>" for i, value in enumerate(values)
        )
        label = html.escape(getattr(self.label.text, lang), quote=True)
        return (
            f"<div class='varied' data-values='{json.dumps(values)}'><label>{label} "
            f'<input type="range" min="0" max="{len(values) - 1}" value="{at}" aria-label="{label}" '
            f'aria-valuetext="{values[at]}"> <output>{values[at]}</output></label>{states}'
            f"<script>{script('varied.js')}</script></div>"
        )


class Printed(Output):
    """What the code of a cell found, as lines of text. `marimo run` hides code, so there the code is shown above it."""

    def __init__(self, *lines):
        import marimo

        super().__init__()
        self.lines = [str(line) for line in lines]
        mode = marimo.app_meta().mode
        self.shown = marimo.Html(self.html("en"))
        if mode == "run":
            self.shown = marimo.show_code(self.shown, position="above")
        elif mode != "edit":
            print(*self.lines, sep="\n")

    def html(self, lang):
        """The lines as they are: numbers need no translation."""
        look = "background:#f6f6f6;color:#222;padding:8px 12px;border-radius:6px;overflow-x:auto;font-size:13px"
        return f'<pre class="printed" style="{look}">{html.escape(chr(10).join(self.lines))}</pre>'

    def live(self):
        """See Printed."""
        return self.shown


class Table(Output):
    """Rows of text below a row of headings; cells are Say or plain text."""

    def __init__(self, headings, rows, caption):
        super().__init__(caption.lang)
        self.headings, self.rows, self.caption = headings, rows, caption

    def html(self, lang):
        """A table with its caption."""

        def cell(tag, value):
            text = getattr(value.text, lang) if isinstance(value, Say) else str(value)
            look = "padding:2px 14px;text-align:left;border-bottom:1px solid #ccc"
            return f'<{tag} style="{look}">{html.escape(text)}</{tag}>'

        head = "".join(cell("th", each) for each in self.headings)
        body = "".join(f"<tr>{''.join(cell('td', each) for each in row)}</tr>" for row in self.rows)
        caption = html.escape(getattr(self.caption.text, lang))
        return (
            '<table style="border-collapse:collapse;margin:1em 0">'
            f'<caption style="caption-side:bottom;text-align:left;padding-top:6px">{caption}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )

    def live(self):
        """The same: it needs no script."""
        import marimo

        return marimo.Html(self.html(self.lang))


class Column(Output):
    """Several outputs, one below the other."""

    def __init__(self, *outputs):
        super().__init__(outputs[0].lang)
        self.outputs = outputs

    def html(self, lang):
        """One after the other."""
        return "".join(each.html(lang) for each in self.outputs)

    def live(self):
        """As marimo stacks them."""
        import marimo

        return marimo.vstack([each.live() for each in self.outputs])


def script(name):
    """The text of one of the page's scripts or style sheets."""
    return (Path(__file__).parent / "browser" / name).read_text(encoding="utf-8")

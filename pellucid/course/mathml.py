"""Formulas for pages that have no script to draw them: LaTeX to MathML, which every browser shows by itself."""

import functools
import re

# A minus right after another operator is the sign of a number and stands close to it. After a bracket it subtracts.
SIGN = re.compile(r"(<mo\b[^>]*>(?!&#x00029;|&#x0005D;|[)\]|])[^<]*</mo>)<mo>&#x02212;</mo>")


@functools.lru_cache(maxsize=2000)
def mathml(latex, block=False):
    """MathML of a formula; `block` sets it on a line of its own."""
    from latex2mathml.converter import convert

    plain = latex.replace(r"\mathrel{+}=", r"\mathrel{+=}")
    text = convert(plain.replace(r"\mathrel{+=}", "PLUSEQUALS"), display="block" if block else "inline")
    letters = "".join(f"<mi>{letter}</mi>" for letter in "PLUSEQUALS")
    text = text.replace(letters, "<mo>+=</mo>")
    text = SIGN.sub(r'\1<mo form="prefix">&#x02212;</mo>', text)
    look = 'style="margin:0.7em 0" ' if block else ""
    return text.replace("<math ", f'<math displaystyle="true" {look}aria-label="{spoken(latex)}" ', 1)


def spoken(latex):
    """A formula for those who hear it: LaTeX without its marks for layout."""
    plain = re.sub(r"\\(left|right|mathrel|text|;|,|quad)", " ", latex).replace("\\", " ")
    return re.sub(r"\s+", " ", plain.replace('"', "").replace("<", "less than").replace("&", "")).strip()


TEX = re.compile(r'<marimo-tex class="arithmatex">\|\|(\(|\[)(.*?)\|\|(?:\)|\])</marimo-tex>', re.DOTALL)


def with_mathml(page):
    """marimo's HTML of a Markdown text, its formulas drawn."""
    import html

    return TEX.sub(lambda found: mathml(html.unescape(found[2]).strip(), found[1] == "["), page)

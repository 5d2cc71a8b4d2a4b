"""docs/error-messages.md, made by running the wrong programs."""

from tests.wrong_programs import everything, message

HEAD = """# Error messages

What Pellucid says to {count} wrong programs, as it was said when this page was made: `python -m tests.wrong_programs`
makes it, and `tests/test_wrong_programs.py` holds every message. An error names who refused, what came, what is needed
and what to try; `pellucid explain ShapeError` explains a class, with `--lang zh` in Chinese. Reading this page is the
test that no program can do: for each message, would a newcomer know what to change?

On 2026-11-26 somebody who had written none of the first 88 read them all, and 9 were mended: text and a dict in place
of numbers, a dtype that does not exist, stacked rows of different length, a module without forward, a reduction that
does not exist, data without labels, a figure that is not measured, and a folder that is not there. Of 90 further wrong
programs over newer functions 28 that were answered poorly were mended and are here. Not mended: an argument left out
or too many is refused in Python's own words; labels of 0 where `hinge_embedding_loss` and `cosine_embedding_loss` need
1 or -1, and a dot in a name of a `ModuleDict`, are taken without a word.

Each program begins with

```python
{prelude}```
"""


def page():
    """The text of the page."""
    from tests.wrong_programs import PRELUDE

    chapters = everything()
    parts = [HEAD.format(count=sum(map(len, chapters.values())), prelude=PRELUDE)]
    for title, wrongs in chapters.items():
        parts.append(f"## {title}\n")
        for wrong in wrongs:
            name, text = message(wrong)
            program = wrong.program.strip()
            parts.append(f"### {wrong.mistake}\n\n```python\n{program}\n```\n\n```text\n{name}: {text}\n```\n")
    return "\n".join(parts)

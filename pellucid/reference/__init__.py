"""The API reference: every public name with its signature, text, source and an example that was run, as static pages.

It is a face of its own beside `explain` (a page in the terminal) and `course` (the lessons), with whose page frame,
style sheet and highlighting its pages are made. `pellucid reference` builds it, without a network.
"""

from pellucid.reference.build import build
from pellucid.reference.names import Entry, entries, gaps

__all__ = ["Entry", "build", "entries", "gaps"]

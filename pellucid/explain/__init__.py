"""`pellucid explain NAME`: what a thing computes, where its gradient comes from, and an example that was just run.

The pages are made of what is in the source anyway: docstrings, the rule of the gradient, the signature.
"""

from pellucid.explain.find import Subject, find, subjects
from pellucid.explain.page import page

__all__ = ["Subject", "find", "page", "subjects"]

"""Models: one file, one model."""

from pellucid import blame
from pellucid.models.mlp import mlp

__all__ = ["mlp"]

blame.answer_for(globals())

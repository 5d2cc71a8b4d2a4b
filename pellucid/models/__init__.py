"""Models: one file, one model."""

from pellucid.models.mlp import mlp

__all__ = ["mlp"]

"""Pictures of what a network does. Each function returns a matplotlib `Figure` and, given a path, saves it as PNG.

`curves` draws the history of a training run, `image_grid` pictures with their predictions, and
`decision_boundary` the regions into which a classifier divides the plane. matplotlib is loaded by the
first picture, and its `pyplot` never: no window opens and no setting of the caller's changes.
"""

from pellucid.view.boundary import decision_boundary
from pellucid.view.grid import image_grid
from pellucid.view.history import curves

__all__ = ["curves", "decision_boundary", "image_grid"]

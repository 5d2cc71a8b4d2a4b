"""Reports: what a run has come to, what is wrong with it, and what to do next, as pages that need no network.

- `write` makes the page of a run, `compare` a table of several; on the command line `pellucid report RUN` and
  `pellucid compare RUN RUN`.
- `keep` writes down what a network answers, so that the page can show it. Recipes do that by themselves.
- `diagnose` finds under-fit, over-fit, mismatch between splits and likely label errors, each with its evidence.
- `label_errors` finds labels that are probably wrong, `cross_predict` makes the predictions that it needs.
"""

from pellucid import blame
from pellucid.report.compare import compare
from pellucid.report.diagnosis import Finding, diagnose
from pellucid.report.kept import keep
from pellucid.report.label_errors import Suspects, cross_predict, label_errors
from pellucid.report.write import write

__all__ = ["Finding", "Suspects", "compare", "cross_predict", "diagnose", "keep", "label_errors", "write"]

blame.answer_for(globals())

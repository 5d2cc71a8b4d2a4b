"""Programs that `pellucid workshop run` can run on the learner's pieces.

Each has `main()`, which returns what came of each training: {name: {"losses": one per epoch, "accuracy": a}}.
"""

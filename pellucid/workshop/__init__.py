"""The workshop: the learner writes pieces of the framework, each is checked, and later lessons run on them."""

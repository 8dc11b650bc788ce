"""Logistic regression in plain numpy: an activation, a loss, a model, and its training."""

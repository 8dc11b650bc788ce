"""Neural networks in plain numpy: activations, layers, losses, models and their training."""

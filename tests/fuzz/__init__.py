"""Coverage-guided fuzzing of what reads a submission's bytes: `make fuzz`."""

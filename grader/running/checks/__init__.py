"""The checks: pytest runs these files in the trusted process, once per target that has them."""

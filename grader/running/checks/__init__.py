"""The checks: pytest runs these files in the trusted process, once for every target they ask."""

"""Tests of the wall between a submission and its grade: `make wall` runs all of them."""

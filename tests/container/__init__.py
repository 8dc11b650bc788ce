"""The autograder in a real container: `make container-test`."""

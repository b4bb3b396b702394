"""Tests of the account tables."""

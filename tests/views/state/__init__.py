"""Tests of the states behind the pages, without a browser."""

"""Tests of the database of the edges."""

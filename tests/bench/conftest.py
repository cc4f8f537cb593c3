"""Leaves the benchmark's tests out where its extra `bench` is not installed."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [] if find_spec("psutil") else ["test_bench.py"]

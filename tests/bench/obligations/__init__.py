"""What a worker owes to a great many people at once: memory, promptness, kills and outages; see docs/BENCHMARKS.md."""

"""The benchmark: one job, carried by each system in turn on one real Kafka broker; see docs/BENCHMARKS.md."""

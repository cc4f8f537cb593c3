"""The job as it is written for other systems, each in its own manner and started as a process of its own."""

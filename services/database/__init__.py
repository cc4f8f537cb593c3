"""PostgreSQL of the edges: where it is, what its tables are, and how they came to be so."""

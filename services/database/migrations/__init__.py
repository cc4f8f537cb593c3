"""How the tables came to be so: one file a step, never changed once it was released."""

"""Where it is said: every topic as a value. Imports only what is said."""

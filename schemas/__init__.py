"""What is said: every command and fact as a pydantic model. Imports nothing of ours."""

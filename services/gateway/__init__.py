"""The door: partners publish, pull and subscribe here."""

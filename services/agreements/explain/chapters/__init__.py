"""The chapters of the page, each from its part of the agreement."""

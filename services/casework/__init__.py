"""The core: the lane of a case, where commands become facts and facts become obligations."""

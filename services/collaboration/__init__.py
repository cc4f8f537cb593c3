"""The second ladder: an agreement is not kept. Counts what a party missed, and sees no case and no client. Pure."""

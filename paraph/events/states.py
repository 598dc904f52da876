"""What a delivery can be."""

WAITING, DELIVERED, GIVEN_UP, DROPPED = "waiting", "delivered", "given_up", "dropped"
"""Dropped: there was nobody to send it to any more, or not while the callback was switched off."""

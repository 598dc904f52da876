"""What every room stands on: nothing in here knows what a signature is."""

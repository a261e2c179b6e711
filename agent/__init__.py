"""The conversation: plan a turn, run it, check it."""

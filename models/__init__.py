"""Profiles (*.toml: which model plays which role) and the shipped starter weights."""

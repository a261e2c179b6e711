"""Profiles (which model plays which role) and the starter weights that ship with the project."""

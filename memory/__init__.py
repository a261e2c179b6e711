"""What was done: sessions, turns, pictures and their parents, heads and the log of operations. SQLite and PNG files."""

"""Agent files, and lists of passages that scripts write."""

"""What people have as files: dumps, exports, and the files of local stores."""

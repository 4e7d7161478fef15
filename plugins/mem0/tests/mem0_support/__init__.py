"""What the tests of the Mem0 source share."""

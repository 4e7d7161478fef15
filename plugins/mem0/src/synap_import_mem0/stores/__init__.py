"""The vector stores of the open-source library, read directly and never written."""

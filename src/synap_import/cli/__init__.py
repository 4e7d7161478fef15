"""The command line: parse, call, render. Nothing is decided here."""

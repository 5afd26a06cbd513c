"""The command line: one file a command. `add` declares its arguments, `run` does it and returns the exit status."""

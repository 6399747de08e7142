"""One short module a command: read, call, write, track."""

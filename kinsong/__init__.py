"""The program: command line, settings, ordered steps."""

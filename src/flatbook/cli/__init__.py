"""The commands: what a person types, and the one sentence they read when it cannot be done.

`main()` is the whole door. Every command imports what it needs when it is called, so that help is instant. A fault in
what the person gave (a file, a setting, a time) is one sentence on stderr and exit code 2; an interrupt is exit code
130; a difference or a problem that a command was asked to look for is exit code 1. Only a bug shows a traceback.
"""

from flatbook.cli.app import main

__all__ = ["main"]

"""When the journal itself can no longer be trusted to write."""

from flatbook.basics import InputFault


class JournalFault(InputFault):
    """The journal stopped writing: a full disk, a file taken away. The desk must stop; what was durable stays so."""

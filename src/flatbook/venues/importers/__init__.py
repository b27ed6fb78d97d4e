"""Other people's files made into recordings: which kinds there are, and how each is read.

An importer is a generator: given a source and a selection it yields `(local_ns, event)` in order of arrival, checking
every column as it goes, and says in `notes` what it derived, modelled or left out. Whatever is wrong with the source
raises an InputFault that names the file, the line or row, and the field. Writing is the business of `recordings`.
"""

from flatbook.venues.importers.kinds import IMPORTERS, Importer, detect_kind
from flatbook.venues.importers.selection import Progress, Selection, Task

__all__ = ["IMPORTERS", "Importer", "Progress", "Selection", "Task", "detect_kind"]

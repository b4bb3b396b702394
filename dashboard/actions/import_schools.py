"""Bringing the public directory of schools into the store: where each school is, and its kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dashboard.domain.errors import Refused
from dashboard.domain.french import plural
from dashboard.domain.problem import Problem, Problems
from dashboard.inputs.school_directory import read_directory
from dashboard.store.engine import Store
from dashboard.store.schools import write_directory


@dataclass(frozen=True, slots=True)
class DirectoryReport:
    """What an import of the directory did, in numbers of schools; and its warnings."""

    created: int
    changed: int
    unchanged: int
    others: int
    warnings: Sequence[Problem]

    def lines(self) -> list[str]:
        return [
            f"écoles : {plural(self.created, 'créée')}, {plural(self.changed, 'modifiée')}, "
            f"{plural(self.unchanged, 'inchangée')}",
            f"autres établissements laissés de côté : {self.others}",
        ]


def import_schools(store: Store, file: Path) -> DirectoryReport:
    """Give every primary school of the directory its places, kind, sector and position.

    Known schools keep their names, accounts and people; schools that are not in the file stay as
    they are. A school without students shows in no statistics until its roster is imported.

    Raises:
        Refused: with every error of the file; nothing was written.
    """
    problems = Problems(file.name)
    directory = read_directory(file, problems)
    if not directory.schools and not problems.has_errors:
        problems.error("aucune école primaire dans ce fichier.")
    if problems.has_errors:
        raise Refused(problems.all())
    with store.transaction() as transaction:
        created, changed = write_directory(transaction, directory.schools)
    unchanged = len(directory.schools) - created - changed
    return DirectoryReport(created, changed, unchanged, directory.others, problems.all())

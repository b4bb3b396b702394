"""Taking a snapshot for analysts: a folder of tables that name nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from dashboard.actions.figures import tallies
from dashboard.credentials.links import Signer
from dashboard.domain.errors import Refused
from dashboard.domain.french import day, number, plural
from dashboard.domain.grouping import Grouping
from dashboard.domain.scope import Scope
from dashboard.domain.snapshot import KEPT_SECRET, SnapshotFormat, pseudonym
from dashboard.files import aside, sweep
from dashboard.outputs.table_files import write_csv, write_workbook
from dashboard.pipelines.snapshots import anonymous
from dashboard.store.engine import Store
from dashboard.store.failures import why_not_written
from dashboard.store.snapshots import read_tables, write_parquet
from dashboard.wording.snapshot import README, dictionary

_LOST = {"class": "la classe", "level": "le niveau", "age": "l'âge"}


@dataclass(frozen=True, slots=True)
class SnapshotReport:
    """How many rows of each table a snapshot holds, and what it leaves out.

    That is how many schools, and of how many students the columns of `blanked`.
    """

    rows: Mapping[str, int]
    left_out: int
    blanked: Mapping[str, int]

    def lines(self) -> list[str]:
        told = [f"{table} : {plural(count, 'ligne')}" for table, count in self.rows.items()]
        lost = ", ".join(f"{_LOST[name]} {number(n)}" for name, n in self.blanked.items())
        return [
            *told,
            f"écoles trop petites laissées de côté : {self.left_out}",
            f"élèves dont il est laissé vide : {lost}",
        ]


def take_snapshot(
    store: Store,
    signer: Signer,
    out: Path,
    today: date,
    form: SnapshotFormat = SnapshotFormat.PARQUET,
    smallest: int = 5,
) -> SnapshotReport:
    """Write a folder of tables without names, identifiers, contacts or dates of birth.

    The folder is whole once it has its name. What it holds is told in `dashboard.wording.snapshot`.

    Args:
        signer: whose key the pseudonyms are made with, and what rounds the figures that are
            published from it: the same in every snapshot, and not the database's own.
        smallest: what fewer students share is blanked.

    Raises:
        Refused: there is something of that name already, or it cannot be written.
    """
    if out.exists():
        raise Refused([f"erreur : « {out} » existe déjà. Indiquez un dossier à créer."])
    read = read_tables(store) | {
        "tallies": _kept_weeks(store, today, smallest),
        "publication": pd.DataFrame({"secret": [_secret(signer)]}),
    }
    tables, lost = anonymous(
        read, lambda kind, n: pseudonym(signer.digest(f"snapshot {kind}", n)), smallest, today
    )
    left_out = read["students"]["uai"].nunique() - tables["students"]["uai"].nunique()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        sweep(out.parent)
        with aside(out) as draft:
            draft.mkdir()
            _write(tables, draft, form)
            text = dictionary(smallest, left_out, lost, len(tables["students"]), day(today))
            (draft / README).write_text(text, encoding="utf-8")
            draft.rename(out)
    except OSError as error:
        raise Refused([f"erreur : {why_not_written(out, error)}"]) from error
    return SnapshotReport({name: len(frame) for name, frame in tables.items()}, left_out, lost)


def _secret(signer: Signer) -> str:
    """What rounds published figures, written so that no spreadsheet takes it for a formula."""
    return KEPT_SECRET + signer.subject("snapshot publication")


def _kept_weeks(store: Store, today: date, smallest: int) -> pd.DataFrame:
    """The weeks that are kept, as they are published: those of départements, and no other sums.

    Sums that contain one another would tell, by their difference, of fewer schools.
    """
    by = (Grouping.ACADEMY, Grouping.DEPARTMENT)
    weeks = tallies(store, Scope.nation(), date.min, today, by, smallest_count=smallest)
    return weeks[weeks["accounts"].notna()]


def _write(tables: Mapping[str, pd.DataFrame], folder: Path, form: SnapshotFormat) -> None:
    match form:
        case SnapshotFormat.XLSX:
            write_workbook(tables, folder / "comptes.xlsx")
        case SnapshotFormat.CSV:
            for name, frame in tables.items():
                write_csv(frame, folder / f"{name}.csv")
        case SnapshotFormat.PARQUET:
            for name, frame in tables.items():
                write_parquet(frame, folder / f"{name}.parquet")

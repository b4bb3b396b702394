"""Filling a database with fictitious schools, their people, journal and last school year."""

from collections import defaultdict
from datetime import date

import numpy as np
import pandas as pd

from dashboard.domain.academies import academies
from dashboard.domain.scope import Scope
from dashboard.fiction.histories import draw_histories
from dashboard.fiction.people import draw_population
from dashboard.fiction.schools import draw_schools
from dashboard.fiction.tallies import draw_tallies
from dashboard.store import bulk
from dashboard.store.engine import Store, Transaction
from dashboard.store.schools import schools
from dashboard.store.tallies import write_tallies

# An academy has about so many schools; it is drawn and written whole.
_OF_ACADEMY = 1_800


def generate(store: Store, count: int, seed: int, today: date, academy: str | None = None) -> None:
    """Add so many fictitious schools: the same for the same seed, day and database before.

    Their accounts' journals tell how each came to its state in half a year, and their tallies how
    the school year before went. Identifiers are those of the database; nobody knows a password.

    Args:
        academy: the academy that they are in; ``None`` for as many academies as they fill.

    Raises:
        Refused: so many numbers of schools are not free; nothing was written.
    """
    rng = np.random.default_rng(seed)
    known = schools(store, Scope.nation())
    with store.transaction() as transaction:
        for name, size in _shares(count, academy):
            drawn = draw_schools(rng, size, name, known["uai"], _districts(known))
            _write(transaction, rng, drawn, today)
            known = pd.concat([known, drawn[known.columns]], ignore_index=True)


def _shares(count: int, academy: str | None) -> list[tuple[str, int]]:
    """How many schools each academy gets."""
    if academy is not None:
        return [(academy, count)]
    names = academies()[: -(-count // _OF_ACADEMY)]
    return [(name, len(range(place, count, len(names)))) for place, name in enumerate(names)]


def _write(
    transaction: Transaction, rng: np.random.Generator, drawn: pd.DataFrame, today: date
) -> None:
    population = draw_population(rng, drawn, today)
    accounts, journal = draw_histories(rng, drawn, population, today)
    bulk.write_schools(transaction, drawn)
    students = bulk.write_students(transaction, population.students)
    numbers = bulk.write_guardians(transaction, population.guardians.join(accounts))
    links = population.links
    bulk.write_links(
        transaction,
        links.assign(account_id=numbers[links["guardian"]], student_id=students[links["student"]]),
    )
    bulk.write_journal(transaction, journal.assign(account_id=numbers[journal["guardian"]]))
    counts = np.bincount(population.guardians["school"], minlength=len(drawn))
    [apart] = rng.spawn(1)  # who draws more here leaves the schools after these as they are
    write_tallies(transaction, draw_tallies(apart, drawn[["uai"]].assign(accounts=counts), today))


def _districts(known: pd.DataFrame) -> dict[str, list[str]]:
    """The named districts of each département, in alphabetical order."""
    found: dict[str, list[str]] = defaultdict(list)
    named = known[known["district"] != ""].drop_duplicates(["department", "district"])
    for department, district in sorted(zip(named["department"], named["district"], strict=True)):
        found[department].append(district)
    return found

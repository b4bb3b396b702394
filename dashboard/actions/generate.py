"""Filling a database with fictitious schools, their people and half a year of their journal."""

from collections import defaultdict
from datetime import date

import numpy as np
import pandas as pd

from dashboard.domain.scope import Scope
from dashboard.fiction.histories import draw_histories
from dashboard.fiction.people import draw_population
from dashboard.fiction.schools import draw_schools
from dashboard.store import bulk
from dashboard.store.engine import Store
from dashboard.store.schools import schools


def generate(
    store: Store, count: int, seed: int, today: date, academy: str | None = None
) -> pd.DataFrame:
    """Add so many fictitious schools: the same for the same seed, day and database before.

    Their accounts' journals tell how each came to its state. Identifiers are those of the
    database; nobody knows a password.

    Args:
        academy: the academy that they are in; ``None`` for as many academies as they fill.

    Returns:
        The schools, as `dashboard.fiction.schools.draw_schools` documents.

    Raises:
        Refused: so many numbers of schools are not free.
    """
    rng = np.random.default_rng(seed)
    known = schools(store, Scope.nation())
    drawn = draw_schools(rng, count, academy, known["uai"], _districts(known))
    population = draw_population(rng, drawn, today)
    accounts, journal = draw_histories(rng, drawn, population, today)
    with store.transaction() as transaction:
        bulk.write_schools(transaction, drawn)
        students = bulk.write_students(transaction, population.students)
        numbers = bulk.write_guardians(transaction, population.guardians.join(accounts))
        links = population.links
        bulk.write_links(
            transaction,
            links.assign(
                account_id=numbers[links["guardian"]], student_id=students[links["student"]]
            ),
        )
        bulk.write_journal(transaction, journal.assign(account_id=numbers[journal["guardian"]]))
    return drawn


def _districts(known: pd.DataFrame) -> dict[str, list[str]]:
    """The named districts of each département, in alphabetical order."""
    found: dict[str, list[str]] = defaultdict(list)
    named = known[known["district"] != ""].drop_duplicates(["department", "district"])
    for department, district in sorted(zip(named["department"], named["district"], strict=True)):
        found[department].append(district)
    return found

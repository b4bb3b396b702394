"""Whatever was imported before, a school shows its newest roster."""

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.actions.figures import statistics
from dashboard.actions.import_roster import import_roster
from dashboard.domain.corrections import Decisions
from dashboard.domain.errors import Refused
from dashboard.domain.pairing import Answers
from dashboard.domain.scope import Scope
from dashboard.store.engine import MEMORY, Store, connect
from tests.actions.stored import SULPICE, TODAY, listed, tables
from tests.depth import deep
from tests.extractions import Kid, Parent, Pupil, write_roster

CLASSES = {"PS MS": ("PS", "MS"), "CP": ("CP",), "": ("", "ULIS"), "CM": ("CM1", "CM2")}
NAMES = [(name, first) for name in ("DUPONT", "ÇELIK") for first in ("Léa", "Tom", "Zoé")]

RosterFiles = tuple[Sequence[Pupil], Sequence[Parent]]


@st.composite
def rosters(draw: st.DrawFn) -> RosterFiles:
    """People of a small pool, so that two rosters share many; homonyms are frequent."""
    pupils = []
    for number in draw(st.lists(st.integers(0, 7), min_size=1, unique=True)):
        name, first = NAMES[number % len(NAMES)]
        label = draw(st.sampled_from(list(CLASSES)))
        level = draw(st.sampled_from(CLASSES[label]))
        ine = draw(st.sampled_from(["", f"{number:010}A"]))
        usage = draw(st.sampled_from(["", "MARTIN"]))
        pupils.append(Pupil(name, first, f"{number + 1:02}/01/2019", label, level, usage, ine))
    parents = []
    for number in draw(st.lists(st.integers(0, 5), max_size=7)):
        theirs = draw(st.lists(st.sampled_from(pupils), max_size=3))
        kids = [Kid(p.name, p.first_name, p.class_label, p.usage_name) for p in theirs]
        contact = draw(st.integers(0, 3)) if number < 4 else number
        parents.append(
            Parent(
                "DUPONT",
                ("Paul", "Inès")[number % 2],
                kids,
                ("M.", "Mme")[number // 2 % 2],
                draw(st.sampled_from(["", "DURAND"])),
                f"a{contact}@x.example",
                f"06399800{contact:02}",
            )
        )
    return pupils, parents or [Parent(email="z@x.example", mobile="0639989999")]


def bring(store: Store, roster: RosterFiles) -> None:
    """Import a roster; whoever may be somebody known, as far as it is asked, is new."""
    with tempfile.TemporaryDirectory() as folder:
        files = write_roster(Path(folder), *roster)
        said: dict[str, set[int]] = {"--new": set(), "--new-student": set()}
        while asked := _asked(store, files, said):
            for option, line in asked:
                said[option].add(int(line))


def _asked(
    store: Store, files: tuple[Path, Path], said: dict[str, set[int]]
) -> list[tuple[str, str]]:
    """The options that an import asks for; none once it is done."""
    guardians, students = (Answers(new=frozenset(lines)) for lines in said.values())
    try:
        import_roster(store, SULPICE, *files, TODAY, decisions=Decisions(guardians, students))
    except Refused as refused:
        asked = re.findall(r"(--new(?:-student)?) (\d+) si non", str(refused))
        if not asked:
            raise
        return asked
    return []


def seen(store: Store) -> tuple[list[str], list[str]]:
    """The people listed and the figures, whatever the identifiers."""
    people = [
        str((a.guardian, sorted(map(str, a.students)), a.account.state)) for a in listed(store)
    ]
    figures = [
        statistics(store, Scope.schools(SULPICE), by).to_csv()
        for by in ("structure", "class", "level")
    ]
    return sorted(people), figures


@given(rosters(), rosters())
@settings(max_examples=deep(8))
def test_a_roster_after_another_shows_as_if_it_were_the_first(
    earlier: RosterFiles, newer: RosterFiles
) -> None:
    with connect(MEMORY) as store, connect(MEMORY) as fresh:
        bring(store, earlier)
        bring(store, newer)
        bring(fresh, newer)
        assert seen(store) == seen(fresh)


@given(rosters(), rosters())
@settings(max_examples=deep(8))
def test_a_roster_brought_twice_changes_nothing_the_second_time(
    earlier: RosterFiles, newer: RosterFiles
) -> None:
    with connect(MEMORY) as store:
        bring(store, earlier)
        bring(store, newer)
        once = tables(store)
        bring(store, newer)
        assert tables(store) == once

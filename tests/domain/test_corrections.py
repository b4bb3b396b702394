"""A corrected file costs no account: who is still there is recognised, or somebody is asked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.domain.corrections import Decisions
from dashboard.domain.merging import KnownSchool, Plan
from dashboard.domain.pairing import Answers
from dashboard.domain.people import Guardian, Student
from tests.domain.imported import Family, after, holders, planned, roster_of, stored

LINA = Student("VASSEUR", "", "Lina", date(2018, 2, 1), "", "CP", "CP A")
HUGO = replace(LINA, first_name="Hugo", born_on=date(2016, 7, 9), class_label="CE2", level="CE2")
NINA = replace(LINA, first_name="Nina")
OLGA = Guardian("Mme", "BRAULT", "VASSEUR", "Olga", "olga@x.example", "0639981111")
YVON = Guardian("M.", "VASSEUR", "", "Yvon", "yvon@x.example", "0639982222")
OTHERS = Family(
    (Guardian("M.", "TELLIER", "", "Marc", "marc@x.example", ""),),
    (Student("TELLIER", "", "Zoé", date(2018, 5, 6), "", "CP", "CP A"),),
)


def family(*guardians: Guardian, students: tuple[Student, ...] = (LINA,)) -> Family:
    return Family(guardians, students)


def newer(known: KnownSchool, *families: Family, decisions: Decisions | None = None) -> Plan:
    return planned(known, roster_of([OTHERS, *families]), decisions)


def alone(guardian: Guardian) -> Guardian:
    return replace(guardian, email="", mobile="")


def verdict(plan: Plan) -> str:
    if plan.corrections.questions:
        return "asked"
    return "kept" if plan.corrections.recognised else "new"


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (OLGA, replace(OLGA, birth_name="BRUALT", usage_name="")),
        (OLGA, replace(OLGA, first_name="Olgga")),
        (OLGA, replace(OLGA, first_name="Olga Marie")),
        (OLGA, replace(OLGA, birth_name="ROSSI", usage_name="")),
        (replace(OLGA, birth_name="VASSEUR", usage_name=""), OLGA),
        (replace(OLGA, birth_name="", usage_name="VASSEUR"), OLGA),
        (alone(replace(OLGA, birth_name="VASSEUR", usage_name="")), alone(OLGA)),
        (alone(YVON), alone(replace(YVON, birth_name="VASEUR"))),
        (alone(YVON), alone(replace(YVON, first_name="Yvvon"))),
        (YVON, replace(YVON, first_name="Yvonn", email="", mobile="0639982222")),
        (YVON, replace(YVON, birth_name="VASEUR", email="new@x.example", mobile="")),
        (replace(YVON, civility=""), replace(YVON, birth_name="VASEUR")),
    ],
)
def test_a_corrected_guardian_with_the_child_keeps_the_account(
    before: Guardian, now: Guardian
) -> None:
    known = stored(OTHERS, family(before))
    plan = newer(known, family(now))
    assert verdict(plan) == "kept"
    assert not plan.new_guardians
    [recognised] = plan.corrections.recognised
    assert recognised.line == 3
    assert before.full_name in recognised.message
    assert now.full_name in recognised.message
    number = holders(known)[before.full_name]
    assert number in holders(after(known, plan)).values()


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        # Parents share all but civility and first name.
        (YVON, replace(OLGA, email=YVON.email, mobile=YVON.mobile), "new"),
        (YVON, replace(YVON, civility="Mme", first_name="Yvonne"), "new"),
        # The father leaves; who comes has his surname, or his address, or both.
        (YVON, replace(YVON, first_name="Karim"), "asked"),
        (alone(YVON), replace(alone(YVON), first_name="Karim"), "asked"),
        (YVON, replace(YVON, birth_name="HADDAD", first_name="Karim"), "asked"),
        (alone(YVON), replace(alone(YVON), birth_name="HADDAD", first_name="Karim"), "new"),
        (alone(YVON), replace(alone(YVON), birth_name="HADDAD"), "asked"),
        # A civility may be the mistake.
        (YVON, replace(YVON, civility="Mme"), "asked"),
        # Two women, or two men, with names that an ending tells apart, and no address.
        (alone(OLGA), replace(alone(OLGA), first_name="Olge"), "asked"),
        # A short name is another name.
        (replace(YVON, first_name="Ali"), replace(YVON, first_name="Eli"), "asked"),
        (
            replace(alone(YVON), first_name="Ali"),
            replace(alone(YVON), birth_name="VASEUR", first_name="Aly"),
            "asked",
        ),
    ],
)
def test_on_thin_evidence_somebody_is_asked_and_two_people_are_two(
    before: Guardian, now: Guardian, expected: str
) -> None:
    assert verdict(newer(stored(OTHERS, family(before)), family(now))) == expected


def test_an_address_of_the_household_does_not_tell_a_new_partner_of_the_same_first_name() -> None:
    mother = replace(OLGA, email=YVON.email)
    known = stored(OTHERS, family(mother, YVON))
    partner = replace(YVON, birth_name="HADDAD", mobile="")
    assert verdict(newer(known, family(mother, partner))) == "asked"
    assert verdict(newer(known, family(mother, replace(partner, mobile=YVON.mobile)))) == "kept"
    assert verdict(newer(known, family(mother, replace(YVON, birth_name="VASEUR")))) == "kept"


def test_without_the_child_a_contact_and_one_name_tell_who_it_is() -> None:
    known = stored(OTHERS, family(YVON))
    sibling = replace(HUGO, first_name="Basile", born_on=date(2020, 1, 1))
    typo = replace(YVON, birth_name="VASEUR")
    assert verdict(newer(known, family(typo, students=(sibling,)))) == "kept"
    brother = replace(YVON, first_name="Karim")
    assert verdict(newer(known, family(brother, students=(sibling,)))) == "asked"


def test_the_same_names_and_nothing_else_are_asked_about() -> None:
    known = stored(OTHERS, family(alone(YVON)))
    other = Student("PETIT", "", "Ada", date(2020, 1, 1), "", "PS", "PS")
    assert verdict(newer(known, family(alone(YVON), students=(other,)))) == "asked"


def test_an_address_that_the_school_gives_to_everybody_tells_nobody() -> None:
    def crowd(first: str) -> list[Family]:
        return [
            family(
                Guardian("M.", f"NOM{n}", "", first, "ecole@x.example", ""),
                students=(replace(LINA, first_name=f"Enfant{n}", class_label=f"C{n}"),),
            )
            for n in range(12)
        ]

    known = stored(OTHERS, *crowd("Jean"))
    moved = Guardian("M.", "NOM0", "", "Paul", "ecole@x.example", "")
    others = replace(LINA, birth_name="AUTRE", first_name="Ivo", born_on=date(2015, 1, 1))
    newest = crowd("Jean")[1:]
    assert verdict(newer(known, *newest, family(moved, students=(others,)))) == "new"


@pytest.mark.parametrize(
    "change",
    [
        {"first_name": "Linna"},
        {"first_name": "Lina Rose"},
        {"born_on": date(2018, 2, 10)},
        {"born_on": date(2012, 11, 30)},
        {"birth_name": "VASEUR"},
        {"birth_name": "BRAULT"},
        {"first_name": "Linna", "class_label": "CP B"},
        {"usage_name": "BRAULT", "birth_name": "VASEUR"},
    ],
)
@pytest.mark.parametrize("guardian", [OLGA, alone(OLGA)])
def test_a_corrected_child_keeps_number_guardians_and_their_accounts(
    guardian: Guardian, change: dict[str, Any]
) -> None:
    known = stored(OTHERS, family(guardian))
    plan = newer(known, family(guardian, students=(replace(LINA, **change),)))
    assert verdict(plan) == "kept"
    assert plan.new_students == {}
    assert plan.new_guardians == {}
    assert not plan.leaving_links


def test_a_corrected_child_of_an_ine_is_the_same_if_anything_else_is() -> None:
    known = stored(OTHERS, family(OLGA, students=(replace(LINA, ine="1234567890A"),)))
    corrected = replace(LINA, ine="1234567890A", first_name="Angélina")
    assert not newer(known, family(OLGA, students=(corrected,))).new_students
    stranger = Student("PETIT", "", "Ada", date(2013, 1, 1), "1234567890A", "CM2", "CM2")
    father = replace(YVON, birth_name="PETIT", email="p@x.example", mobile="")
    assert verdict(newer(known, family(father, students=(stranger,)))) == "asked"


def test_an_ine_and_a_family_name_do_not_make_two_children_one() -> None:
    known = stored(OTHERS, family(alone(OLGA), students=(replace(LINA, ine="1234567890A"),)))
    namesake = replace(HUGO, ine="1234567890A")
    plan = newer(known, family(alone(OLGA), students=(namesake,)))
    assert verdict(plan) == "asked"
    assert plan.corrections.questions[0].kind == "students"


def test_two_children_whose_ines_were_exchanged_stay_who_they_are() -> None:
    one, other = replace(LINA, ine="1234567890A"), replace(HUGO, ine="1234567891A")
    known = stored(OTHERS, family(OLGA, students=(one,)), family(YVON, students=(other,)))
    plan = newer(
        known,
        family(OLGA, students=(replace(one, ine=other.ine),)),
        family(YVON, students=(replace(other, ine=one.ine),)),
    )
    assert verdict(plan) == "new"
    assert not plan.new_students
    assert not plan.new_links
    assert not plan.leaving_links


@pytest.mark.parametrize(
    ("students", "now", "expected"),
    [
        ((LINA, NINA), (NINA, replace(LINA, first_name="Tina")), "asked"),
        (
            (LINA, NINA),
            (replace(LINA, first_name="Dina"), replace(LINA, first_name="Mina")),
            "asked",
        ),
        ((LINA,), (replace(LINA, first_name="Oscar"),), "asked"),
        (
            (replace(LINA, first_name="Louis"),),
            (replace(LINA, first_name="Louise"),),
            "asked",
        ),
        ((LINA, replace(LINA, first_name="Oscar")), (replace(LINA, first_name="Oscar"),), "new"),
        ((HUGO,), (LINA,), "new"),
    ],
)
def test_twins_and_siblings_are_never_taken_for_one_another(
    students: tuple[Student, ...], now: tuple[Student, ...], expected: str
) -> None:
    known = stored(OTHERS, family(OLGA, students=students))
    assert verdict(newer(known, family(OLGA, students=now))) == expected


def test_who_may_be_two_is_asked_about() -> None:
    before = [replace(YVON, first_name=name) for name in ("Yvoan", "Yvoun")]
    now = [replace(YVON, first_name=name) for name in ("Yvoin", "Yvoen")]
    plan = newer(stored(OTHERS, family(*before)), family(*now))
    assert not plan.corrections.recognised
    assert [len(one.candidates) for one in plan.corrections.questions] == [2, 2]


class TestGoneForLonger:
    """Somebody who left by an earlier import."""

    @pytest.mark.parametrize(
        ("before", "now", "expected"),
        [
            (YVON, replace(YVON, birth_name="VASEUR"), "kept"),
            (alone(YVON), replace(alone(YVON), birth_name="VASEUR"), "asked"),
            (alone(YVON), replace(alone(YVON), first_name="Karim"), "new"),
        ],
    )
    def test_comes_back_on_strong_evidence(
        self, before: Guardian, now: Guardian, expected: str
    ) -> None:
        known = stored(OTHERS, family(OLGA, before))
        known = after(known, newer(known, family(OLGA)))
        assert verdict(newer(known, family(OLGA, now))) == expected


class TestAnswers:
    """What is said of the rows by their lines."""

    KNOWN = stored(OTHERS, family(alone(YVON)))
    KARIM = family(replace(alone(YVON), first_name="Karim"))

    def said(self, keep: dict[int, str] | None = None, new: tuple[int, ...] = ()) -> Plan:
        answers = Decisions(Answers(keep or {}, frozenset(new)))
        return newer(self.KNOWN, self.KARIM, decisions=answers)

    def test_the_question_has_both_rows_and_the_options_to_add(self) -> None:
        [question] = self.said().corrections.questions
        account = holders(self.KNOWN)["VASSEUR Yvon"]
        assert question.line == 3
        for text in (
            "M. VASSEUR Karim",
            f"M. VASSEUR Yvon (compte account-{account}, activé)",
            f"--keep 3=account-{account}",
            "--new 3",
            "même enfant",
        ):
            assert text in question.message

    @pytest.mark.parametrize("key", ["", "account-{}"])
    def test_kept_is_the_account(self, key: str) -> None:
        account = holders(self.KNOWN)["VASSEUR Yvon"]
        plan = self.said({3: key.format(account)})
        assert verdict(plan) == "kept"
        assert list(plan.changed_guardians) == [account]

    def test_new_is_another_account(self) -> None:
        plan = self.said(new=(3,))
        assert verdict(plan) == "new"
        assert len(plan.new_guardians) == 1

    @pytest.mark.parametrize(
        ("keep", "new", "said"),
        [
            ({9: ""}, (), "--keep 9 : aucun responsable n'est lu à cette ligne"),
            ({3: "nobody"}, (), "--keep 3 : compte nobody n'est pas à reprendre ici"),
            ({2: "nobody"}, (3,), "--keep 2 : c'est déjà compte account-"),
            ({}, (2, 3), "--new 2 : c'est déjà compte account-"),
        ],
    )
    def test_an_answer_that_does_not_fit_is_refused(
        self, keep: dict[int, str], new: tuple[int, ...], said: str
    ) -> None:
        found = [one.message for one in self.said(keep, new).corrections.questions]
        assert any(said in message for message in found)

    def test_nobody_to_keep_is_refused(self) -> None:
        stranger = family(
            Guardian("Mme", "LEBON", "", "Ada", "ada@x.example", ""),
            students=(Student("LEBON", "", "Ivo", date(2019, 3, 3), "", "GS", "GS"),),
        )
        kept = Decisions(Answers({4: ""}))
        plan = newer(self.KNOWN, family(alone(YVON)), stranger, decisions=kept)
        [question] = plan.corrections.questions
        assert "personne n'est à reprendre" in question.message


# Small edits of a roster, at random.

LETTERS = "abeinorstu"


def _swapped(draw: Any, text: str) -> str:
    place = draw(st.integers(0, max(0, len(text) - 2)))
    return text[:place] + text[place + 1 : place + 2] + text[place : place + 1] + text[place + 2 :]


def _dropped(draw: Any, text: str) -> str:
    place = draw(st.integers(0, len(text) - 1))
    return text[:place] + text[place + 1 :]


def _added(draw: Any, text: str) -> str:
    place = draw(st.integers(0, len(text)))
    return f"{text[:place]}{draw(st.sampled_from(LETTERS))}{text[place:]}"


@st.composite
def misspelt(draw: st.DrawFn, text: str) -> str:
    edit: Callable[[Any, str], str] = draw(st.sampled_from([_swapped, _dropped, _added]))
    return edit(draw, text)


NAMES = ["VASSEUR", "BRAULT", "TELLIER", "LI", "DE LA TOUR", "HADDAD"]
FIRST = ["Lina", "Nina", "Louis", "Louise", "Tom", "Marie", "Maria", "Marie-Claire", "Yvon"]


@st.composite
def households(draw: st.DrawFn) -> list[Family]:
    """Families with twins, parents of one address, homonyms and no address at all."""
    made = []
    for number in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from(NAMES))
        firsts = draw(st.lists(st.sampled_from(FIRST), min_size=1, max_size=3, unique=True))
        twins = draw(st.booleans())
        students = tuple(
            Student(
                name,
                "",
                first,
                date(2016 if twins else 2016 + place, 1, 10 + number),
                f"{number}{place:09}A" if draw(st.booleans()) else "",
                "CP",
                draw(st.sampled_from(["CP A", "CP B"])),
            )
            for place, first in enumerate(firsts)
        )
        shared = draw(st.sampled_from(["", f"maison{number}@x.example"]))
        guardians = tuple(
            Guardian(
                civility,
                name if civility == "M." else draw(st.sampled_from(NAMES)),
                "" if civility == "M." else draw(st.sampled_from(["", name])),
                draw(st.sampled_from(FIRST)),
                draw(st.sampled_from([shared, f"{civility}{number}@x.example"])),
                draw(st.sampled_from(["", f"06399{number}{place}000"])),
            )
            for place, civility in enumerate(draw(st.sampled_from([["M."], ["M.", "Mme"]])))
        )
        made.append(Family(guardians, students))
    return made


@st.composite
def edited_guardian(draw: st.DrawFn, one: Guardian) -> Guardian:
    edit = draw(st.sampled_from(["first", "birth", "second", "usage", "contact", "none"]))
    match edit:
        case "first":
            return replace(one, first_name=draw(misspelt(one.first_name)))
        case "birth":
            return replace(one, birth_name=draw(misspelt(one.birth_name)))
        case "second":
            return replace(one, first_name=f"{one.first_name} {draw(st.sampled_from(FIRST))}")
        case "usage":
            return replace(one, usage_name=draw(st.sampled_from(NAMES)))
        case "contact":
            return replace(one, email="autre@x.example" if one.email else "", mobile="")
        case _:
            return one


@st.composite
def edited_student(draw: st.DrawFn, one: Student) -> Student:
    edit = draw(st.sampled_from(["first", "birth", "day", "ine", "class", "none"]))
    match edit:
        case "first":
            return replace(one, first_name=draw(misspelt(one.first_name)))
        case "birth":
            return replace(one, birth_name=draw(misspelt(one.birth_name)))
        case "day":
            born = (one.born_on or date(2017, 1, 1)) + timedelta(draw(st.integers(-40, 40)))
            return replace(one, born_on=born)
        case "ine":
            return replace(
                one, ine=draw(st.sampled_from(["", f"9{one.ine[1:]}" if one.ine else ""]))
            )
        case "class":
            return replace(one, class_label=draw(st.sampled_from(["CP A", "CP B", "CE1"])))
        case _:
            return one


@st.composite
def edits(draw: st.DrawFn) -> tuple[list[Family], list[Family]]:
    """A roster, and the same after one small edit of some of its people, in the same order."""
    families = draw(households())
    newer_ = [
        Family(
            tuple(draw(edited_guardian(one)) for one in one_family.guardians),
            tuple(draw(edited_student(one)) for one in one_family.students),
        )
        for one_family in families
    ]
    return families, newer_


def _rows(families: list[Family], take: Callable[[Family], tuple[Any, ...]]) -> int:
    return sum(len(take(one)) for one in families)


@given(edits())
@settings(deadline=None)
def test_small_edits_of_a_roster_cost_no_account(
    change: tuple[list[Family], list[Family]],
) -> None:
    families, edited = change
    first, second = roster_of(families), roster_of(edited)
    if not len(first.guardians) == len(second.guardians) == _rows(families, lambda f: f.guardians):
        return  # two rows of one file became one person: that is no edit of somebody
    if not len(first.students) == len(second.students) == _rows(families, lambda f: f.students):
        return
    known = stored(*families)
    before = planned(known, first)
    assert verdict(before) == "new"
    plan = planned(known, second)
    if plan.corrections.questions:
        return
    assert plan.new_guardians == {}
    assert plan.accounts == before.accounts
    assert plan.new_students == {}
    assert not plan.leaving_students


@given(edits())
@settings(deadline=None)
def test_a_leaver_and_an_arrival_are_one_with_one(
    change: tuple[list[Family], list[Family]],
) -> None:
    families, edited = change
    known = stored(*families)
    plan = planned(known, roster_of(edited))
    accounts = list(plan.accounts)
    assert len(set(accounts)) == len(accounts)
    answered = Decisions(
        Answers(new=_lines(plan, "guardians")), Answers(new=_lines(plan, "students"))
    )
    again = planned(known, roster_of(edited), answered)
    assert {q.kind for q in again.corrections.questions} <= {"guardians"}


def _lines(plan: Plan, kind: str) -> frozenset[int]:
    return frozenset(q.line for q in plan.corrections.questions if q.kind == kind)

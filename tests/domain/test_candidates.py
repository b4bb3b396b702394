"""Who a stated child may be: everybody, the likeliest first, with the evidence in words."""

from datetime import date

from dashboard.domain.candidates import candidates
from dashboard.domain.people import Student
from dashboard.domain.stated import NO_CHILD, StatedChild, Why

ORMEAU = Student("ORMEAU", "", "Ondine", date(2018, 3, 4), "", "CP", "CP bleu")
TWIN = Student("ORMEAU", "", "Ondine", date(2018, 9, 5), "", "CP", "CP bleu")
BROTHER = Student("ORMEAU", "", "Octave", date(2016, 1, 2), "", "CE2", "CE2")
SORBIER = Student("SORBIER", "ORMEAU", "Ysé", date(2019, 7, 7), "", "GS", "GS")
STRANGER = Student("ALISIER", "", "Basile", None, "", "CP", "CP bleu")
SCHOOL = list(enumerate([STRANGER, SORBIER, BROTHER, TWIN, ORMEAU], start=1))
ONDINE = StatedChild("Ormeau", "", "Ondine", None, "cp BLEU", Why.SEVERAL)


def test_the_likeliest_come_first_and_nobody_is_left_out() -> None:
    found = candidates(ONDINE, [], SCHOOL)
    assert [one.student for one in found] == [TWIN, ORMEAU, BROTHER, SORBIER, STRANGER]
    assert [one.student_id for one in found] == [4, 5, 3, 2, 1]


def test_the_evidence_is_in_words() -> None:
    by_number = {one.student_id: one.evidence for one in candidates(ONDINE, [], SCHOOL)}
    assert by_number == {
        5: ("même nom", "même prénom", "même classe"),
        4: ("même nom", "même prénom", "même classe"),
        3: ("même nom",),
        2: ("même nom",),
        1: ("même classe",),
    }


def test_a_birth_date_tells_homonyms_apart() -> None:
    born = StatedChild("ORMEAU", "", "Ondine", date(2018, 3, 4), "", Why.SEVERAL)
    first = candidates(born, [], SCHOOL)[0]
    assert (first.student, first.evidence) == (
        ORMEAU,
        ("même nom", "même prénom", "même date de naissance"),
    )


def test_without_a_child_s_name_the_guardian_s_speaks() -> None:
    found = candidates(NO_CHILD, ["Sorbier", ""], SCHOOL)
    assert (found[0].student, found[0].evidence) == (SORBIER, ("même nom que le responsable",))
    assert [one.evidence for one in found[1:]] == [()] * 4

"""What several rows say of one student's classes."""

from itertools import permutations

import pytest

from dashboard.domain.enrolment import Enrolment, arranged

CE2 = Enrolment("CE2 B", "CE2")
ULIS = Enrolment("ULIS", "ULIS")


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ([CE2], (CE2,)),
        ([CE2, Enrolment("ce2-b", "CE2")], (CE2,)),
        ([ULIS, CE2], (CE2, ULIS)),
        ([Enrolment("Ulis école", "CE2"), CE2], (CE2, Enrolment("Ulis école", "CE2"))),
        ([CE2, Enrolment("CM1", "CM1"), ULIS], (CE2, Enrolment("CM1", "CM1"), ULIS)),
        ([CE2, Enrolment("CE2 B", "ULIS")], (CE2, Enrolment("CE2 B", "ULIS"))),
        ([CE2, Enrolment("", "ULIS")], (CE2, Enrolment("CE2 B", "ULIS"))),
        ([CE2, Enrolment("", "")], (CE2,)),
        ([CE2, Enrolment("CE2 B", "")], (CE2,)),
        ([Enrolment("", "")], (Enrolment("", ""),)),
    ],
)
def test_classes_of_one_student(stated: list[Enrolment], expected: tuple[Enrolment, ...]) -> None:
    assert arranged(stated) == expected
    same_spelling = len({one.class_label.lower()[:3] for one in stated}) == len(stated)
    for rows in permutations(stated) if same_spelling else ():
        assert arranged(rows) == expected

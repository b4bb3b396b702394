"""Rows written straight into the tables, so that a test says exactly what is stored."""

from datetime import date

from dashboard.domain.account import Origin, State, identifier
from dashboard.domain.credentials import held_password
from dashboard.domain.names import person_key
from dashboard.store.engine import Store

SULPICE, BEZE, VAROIS = "0580189R", "0210351T", "0210507M"


class Rows:
    """Writes schools, students, and accounts with their links; numbers count from 1."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._students: list[tuple[str, str, str, date | None]] = []
        self._accounts = 0

    def _write(self, table: str, *values: object) -> None:
        places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        with self.store.transaction() as transaction:
            transaction.write(f"INSERT INTO {table} VALUES ({places})", values)

    def school(
        self, uai: str = SULPICE, district: str = "", department: str = "", academy: str = ""
    ) -> str:
        places = district, department or uai[:3], academy
        columns = "school (uai, name, district, department, academy, version)"
        self._write(columns, uai, f"École {uai}", *places, 1)
        return uai

    def student(
        self,
        class_label: str = "CP A",
        level: str = "CP",
        uai: str = SULPICE,
        *,
        birth_name: str = "Martin",
        usage_name: str = "",
        first_name: str = "Zoé",
        left_on: date | None = None,
    ) -> int:
        self._students.append((uai, class_label, level, left_on))
        number, names = len(self._students), (birth_name, usage_name, first_name)
        person = *names, person_key(*names), date(2019, 5, 4), ""
        self._write("student", number, uai, *person, level, class_label, left_on)
        return number

    def account(
        self,
        *students: int,
        state: State = State.NOT_NOTIFIED,
        origin: Origin = Origin.SCHOOL,
        birth_name: str = "Martin",
        usage_name: str = "",
        first_name: str = "Léa",
        email: str = "",
        distributed_on: date | None = None,
        last_access_on: date | None = None,
    ) -> int:
        self._accounts += 1
        number, names = self._accounts, (birth_name, usage_name, first_name)
        person = "Mme", *names, person_key(*names), email, ""
        facts = origin.value, state.value, distributed_on, last_access_on
        password = held_password(state, origin).value, ""
        self._write("account", number, identifier(0, number), *person, *facts, 1, *password)
        for student in students:
            self.link(number, student)
        return number

    def link(self, account: int, student: int, left_on: date | None = None) -> None:
        *place, left = self._students[student - 1]
        self._write("link", account, student, *place, left_on or left)

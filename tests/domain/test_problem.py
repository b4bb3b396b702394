from dashboard.domain.problem import Problems, Severity


def test_a_problem_says_its_severity_file_line_and_column() -> None:
    problems = Problems("eleves.csv")
    problems.error("prénom manquant.", 3, "Prénom élève")
    assert [str(problem) for problem in problems.all()] == [
        "erreur : eleves.csv, ligne 3, colonne « Prénom élève » : prénom manquant."
    ]


def test_problems_come_in_the_order_of_the_lines_whatever_their_severity() -> None:
    problems = Problems("eleves.csv")
    problems.warning("b", 9)
    problems.error("a", 2)
    problems.error("c")
    assert [problem.line for problem in problems.all()] == [None, 2, 9]


def test_only_errors_are_errors() -> None:
    problems = Problems("eleves.csv")
    problems.warning("classe manquante", 2)
    assert not problems.has_errors


def test_an_error_after_thousands_of_warnings_is_told() -> None:
    problems = Problems("eleves.csv")
    for line in range(2, 5000):
        problems.warning("classe manquante", line)
    problems.error("date impossible", 5000)
    assert [p.line for p in problems.all() if p.severity is Severity.ERROR] == [5000]


def test_beyond_a_thousand_of_a_kind_only_their_number_is_told() -> None:
    problems = Problems("eleves.csv")
    for line in range(1003):
        problems.error("date impossible", line)
    assert len(problems.all()) == 1001
    assert str(problems.all()[-1]) == "erreur : eleves.csv : et 3 autres erreurs du même fichier."


def test_an_overlong_cell_is_quoted_by_its_two_ends() -> None:
    problems = Problems("eleves.csv")
    problems.error(f"date « {'9' * 10_000} » impossible. Attendu : AAAA-MM-JJ.")
    [problem] = problems.all()
    assert problem.message.startswith("date « 999")
    assert problem.message.endswith("Attendu : AAAA-MM-JJ.")
    assert len(problem.message) < 600

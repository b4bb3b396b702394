from dashboard.wording.account_columns import headings


def test_each_child_has_numbered_columns() -> None:
    assert headings(1)[len(headings(0)) :] == [
        "Nom de naissance élève 1",
        "Nom d'usage élève 1",
        "Prénom élève 1",
        "Date de naissance élève 1",
        "Niveau élève 1",
        "Classe élève 1",
    ]
    assert len(headings(3)) == len(headings(0)) + 3 * 6

"""Settings: from the environment, from files of secrets, from a TOML file, in this order."""

import re
from pathlib import Path

import pytest

from dashboard.domain.errors import Refused
from dashboard.settings import Settings, read_settings
from tests.command import Run

SECRET = "Tr0ub4dor&3"
ROOT = Path(__file__).parents[1]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "educonnect.toml"
    monkeypatch.setenv("EDUCONNECT_SETTINGS", str(path))
    return path


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir()
    monkeypatch.setenv("EDUCONNECT_SECRETS", str(folder))
    return folder


def reasons() -> list[str]:
    with pytest.raises(Refused) as refused:
        read_settings()
    return refused.value.reasons


def test_without_a_file_the_defaults_hold() -> None:
    assert read_settings() == Settings()
    assert read_settings().smtp_port == 587


def test_the_file_says_what_the_environment_does_not(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(
        'smtp_host = "mail.exemple.fr"\nsmtp_port = 2525\nbehind_proxy = true\n'
        'mail_folder = "/srv/courriels"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("EDUCONNECT_SMTP_PORT", "25")
    settings = read_settings()
    assert (settings.smtp_host, settings.smtp_port) == ("mail.exemple.fr", 25)
    assert (settings.behind_proxy, settings.mail_folder) == (True, Path("/srv/courriels"))


@pytest.mark.parametrize("variable", ["EDUCONNECT_SECRETS", "CREDENTIALS_DIRECTORY"])
def test_a_secret_may_be_a_file_of_its_own(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(tmp_path))
    (tmp_path / "educonnect_smtp_password").write_text(f"{SECRET}\n", encoding="utf-8")
    file.write_text('smtp_password = "autre"\n', encoding="utf-8")
    assert read_settings().smtp_password.get_secret_value() == SECRET
    monkeypatch.setenv("EDUCONNECT_SMTP_PASSWORD", "encore un autre")
    assert read_settings().smtp_password.get_secret_value() == "encore un autre"


def test_every_wrong_setting_is_told_with_where_it_was_set(
    file: Path, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(
        f'smtp_prot = "{SECRET}"\nmails_per_minute = 0\nsmtp_password = 5\nbehind_proxy = "oui"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("EDUCONNECT_SMTP_PORT", "vingt-cinq")
    monkeypatch.setenv("EDUCONNECT_SMTP_SECURITY", "ssl")
    (secrets / "educonnect_session_hours").write_text("toujours", encoding="utf-8")
    place = f"(fichier {file})"
    assert sorted(reasons()) == sorted(
        [
            "Réglage EDUCONNECT_SMTP_PORT (environnement) : un nombre entier est attendu.",
            "Réglage EDUCONNECT_SMTP_SECURITY (environnement) : "
            "'none', 'starttls' ou 'tls' est attendu.",
            f"Réglage EDUCONNECT_SESSION_HOURS (dossier {secrets}) : un nombre entier est attendu.",
            f"Réglage « mails_per_minute » {place} : au moins 1 est attendu.",
            f"Réglage « smtp_password » {place} : un texte est attendu.",
            f"Réglage « behind_proxy » {place} : true ou false est attendu.",
            f"Réglage « smtp_prot » {place} : inconnu. Vouliez-vous dire « smtp_port » ?",
        ]
    )


def test_what_cannot_be_read_is_refused(file: Path, secrets: Path) -> None:
    secrets.rmdir()
    assert reasons() == [
        f"Fichier de réglages « {file} » (EDUCONNECT_SETTINGS) : No such file or directory.",
        f"Dossier des secrets « {secrets} » : No such file or directory.",
    ]
    secrets.mkdir()
    file.write_text(f"smtp_password = {SECRET}", encoding="utf-8")
    (secrets / "educonnect_smtp_password").write_bytes(b"\xff\xfe")
    first, second = reasons()
    assert first.startswith(f"Fichier de réglages « {file} » : ce n'est pas du TOML (")
    assert second.endswith("ce n'est pas du texte en UTF-8.")
    assert SECRET not in first


def test_a_command_names_them_without_a_traceback(
    run: Run, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(f'smtp_pasword = "{SECRET}"\n', encoding="utf-8")
    monkeypatch.setenv("EDUCONNECT_JOURNAL_MONTHS", "0")
    ran = run("housekeeping")
    assert (ran.code, len(ran.err.splitlines())) == (1, 2)
    assert "EDUCONNECT_JOURNAL_MONTHS (environnement)" in ran.err
    assert "Vouliez-vous dire « smtp_password » ?" in ran.err
    assert SECRET not in ran.err


def test_secrets_show_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDUCONNECT_SMTP_PASSWORD", SECRET)
    monkeypatch.setenv("EDUCONNECT_OPENID_CLIENT_SECRET", SECRET)
    assert SECRET not in f"{read_settings()!r} {read_settings()} {read_settings().model_dump()}"


def test_no_command_goes_past_the_reader() -> None:
    """`Settings()` would answer a wrong setting by the library's own error."""
    bypassing = [
        file
        for file in (ROOT / "dashboard").rglob("*.py")
        if file.name != "settings.py" and re.search(r"\bSettings\(\)", file.read_text("utf-8"))
    ]
    assert bypassing == []

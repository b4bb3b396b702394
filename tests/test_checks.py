"""Each point of a deployment, looked at for real: files, a mail server, a provider, a proxy."""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from dashboard.checks import Deployment, Finding, Verdict, ask_proxy, examine_deployment
from dashboard.settings import Settings
from dashboard.store.engine import connect
from tests.command import Run
from tests.http_server import Response, answering
from tests.mail_server import mail_server
from tests.openid import CLIENT, DISCOVERY, KEYS, Reply, lying_provider

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime.now(PARIS)
OK, MEND, SKIPPED = Verdict.GOOD, Verdict.TO_MEND, Verdict.NOT_CHECKED
RULES = 'login = "sub"\nname = "name"\nrole = "r"\nroles = {D = "director"}\nplaces = ["p"]\n'


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "accounts.duckdb"
    connect(path).close()
    path.chmod(0o600)
    return path


def found(database: Path, *, now: datetime = NOW, **settings: Any) -> dict[str, Finding]:
    stated = Settings(**settings)
    return examine_deployment(Deployment(stated, str(database), now))


def verdict(findings: dict[str, Finding], point: str) -> Verdict:
    return findings[point].verdict


class TestDatabase:
    def test_a_good_one(self, database: Path) -> None:
        findings = found(database)
        assert verdict(findings, "Base") is OK
        assert verdict(findings, "Version de la base") is OK

    def test_none_yet(self, tmp_path: Path) -> None:
        findings = found(tmp_path / "none.duckdb")
        assert verdict(findings, "Base") is SKIPPED
        assert verdict(findings, "Version de la base") is SKIPPED
        assert list(tmp_path.iterdir()) == []

    def test_no_database(self, tmp_path: Path) -> None:
        file = tmp_path / "list.duckdb"
        file.write_bytes(b"Nom;Pr\xe9nom\r\n" * 2000)
        findings = found(file)
        assert verdict(findings, "Base") is MEND
        assert "educonnect restore" in findings["Base"].text

    @pytest.mark.parametrize(("change", "said"), [("+ 1", "plus récente"), ("- 1", "au lieu de")])
    def test_another_version(self, database: Path, change: str, said: str) -> None:
        with duckdb.connect(str(database)) as connection:
            connection.execute(f"UPDATE migration SET number = number {change}")
        findings = found(database)
        assert verdict(findings, "Version de la base") is MEND
        assert said in findings["Version de la base"].text

    def test_one_that_is_served(self, database: Path) -> None:
        holder = (
            f"import dashboard, sys; s = dashboard.connect({str(database)!r}); print(); input()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", holder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"\n"
            findings = found(database)
            process.communicate(b"\n", timeout=30)
        assert verdict(findings, "Base") is OK
        assert "tenue par le tableau de bord" in findings["Base"].text
        assert verdict(findings, "Version de la base") is SKIPPED


def test_little_space_is_to_mend(database: Path) -> None:
    short = Deployment(Settings(), str(database), NOW, free=lambda _: 2**20)
    finding = examine_deployment(short)["Espace disque"]
    assert finding.verdict is MEND
    assert "0,0 Gio libres, 1,0 Gio attendus" in finding.text


class TestPermissions:
    def test_what_only_the_owner_reads(self, database: Path) -> None:
        assert verdict(found(database), "Droits des fichiers") is OK

    def test_each_path_that_others_may_open_is_named(
        self, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key, mail, file = tmp_path / "a.key", tmp_path / "mail", tmp_path / "settings.toml"
        key.touch()
        mail.mkdir()
        file.write_text('smtp_password = "x"', encoding="utf-8")
        modes = {key: 0o640, mail: 0o755, file: 0o604, database: 0o644}
        for path, mode in modes.items():
            path.chmod(mode)
        monkeypatch.setenv("EDUCONNECT_SETTINGS", str(file))
        finding = found(database, key_file=key, mail_folder=mail)["Droits des fichiers"]
        assert finding.verdict is MEND
        assert all(f"chmod go= '{path}'" in finding.text for path in modes)

    def test_settings_without_secrets_may_be_read(
        self, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "settings.toml"
        file.write_text('smtp_host = "mail.exemple.fr"', encoding="utf-8")
        file.chmod(0o644)
        monkeypatch.setenv("EDUCONNECT_SETTINGS", str(file))
        assert verdict(found(database), "Droits des fichiers") is OK


class TestBackups:
    def test_none_is_asked_for(self, database: Path) -> None:
        assert verdict(found(database), "Sauvegardes") is SKIPPED

    @pytest.mark.parametrize(("days", "expected"), [(None, MEND), (0, OK), (1, OK), (3, MEND)])
    def test_the_last_is_of_yesterday(
        self, database: Path, tmp_path: Path, days: int | None, expected: Verdict
    ) -> None:
        folder = tmp_path / "copies"
        folder.mkdir()
        if days is not None:
            copy = folder / "accounts-2026-09-28.duckdb"
            connect(copy).close()
            moment = (NOW - timedelta(days=days)).timestamp()
            os.utime(copy, (moment, moment))
        assert verdict(found(database, backup_folder=folder), "Sauvegardes") is expected


class TestMail:
    def test_without_a_server_it_says_where_messages_go(self, database: Path) -> None:
        finding = found(database)["Messagerie"]
        assert finding.verdict is SKIPPED
        assert "accounts.mail" in finding.text

    def test_it_connects_encrypts_and_logs_in_and_sends_nothing(self, database: Path) -> None:
        with mail_server("starttls", ("ecole", "secret")) as server:
            asked: dict[str, Any] = {
                "smtp_host": server.host,
                "smtp_port": server.port,
                "smtp_username": "ecole",
                "smtp_ca_file": server.ca_file,
            }
            right = found(database, smtp_password="secret", **asked)["Messagerie"]
            wrong = found(database, smtp_password="Pa55e", **asked)["Messagerie"]
        assert (right.verdict, server.received) == (OK, [])
        assert server.logins == ["ecole"]
        assert wrong.verdict is MEND
        assert "refusé" in wrong.text
        assert "Pa55e" not in wrong.text

    def test_a_server_that_is_away(self, database: Path) -> None:
        finding = found(database, smtp_host="127.0.0.1", smtp_port=1)["Messagerie"]
        assert finding.verdict is MEND
        assert "injoignable" in finding.text


class TestClock:
    @pytest.mark.parametrize("zone", ["Europe/Paris", "Indian/Reunion"])
    def test_zones_of_french_schools(self, database: Path, zone: str) -> None:
        assert verdict(found(database, now=NOW.astimezone(ZoneInfo(zone))), "Horloge") is OK

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
    def test_another_zone(self, database: Path, zone: str) -> None:
        finding = found(database, now=NOW.astimezone(ZoneInfo(zone)))["Horloge"]
        assert finding.verdict is MEND
        assert "set-timezone Europe/Paris" in finding.text

    @pytest.mark.parametrize(("off", "said"), [(300, "avance"), (-300, "retarde")])
    def test_a_time_that_is_not_the_providers(self, database: Path, off: int, said: str) -> None:
        with lying_provider(NOW) as provider:
            stated: dict[str, Any] = {
                "openid_issuer": provider.issuer,
                "openid_client_id": CLIENT,
                "public_address": provider.issuer,
            }
            now = datetime.now(PARIS)
            good = found(database, now=now, **stated)
            bad = found(database, now=now + timedelta(seconds=off), **stated)
        assert verdict(good, "Horloge") is OK
        assert "même heure" in good["Horloge"].text
        assert verdict(bad, "Horloge") is MEND
        assert said in bad["Horloge"].text


class TestAddress:
    @pytest.mark.parametrize(
        ("address", "behind", "of_address", "of_proxy"),
        [
            ("", False, MEND, SKIPPED),
            ("", True, MEND, MEND),
            ("http://comptes.exemple.fr", False, MEND, SKIPPED),
            ("https://comptes.exemple.fr", False, OK, MEND),
            ("https://127.0.0.1:1", True, OK, SKIPPED),
        ],
    )
    def test_it_is_https_behind_a_proxy(
        self, database: Path, address: str, behind: bool, of_address: Verdict, of_proxy: Verdict
    ) -> None:
        findings = found(database, public_address=address, behind_proxy=behind)
        assert verdict(findings, "Adresse publique") is of_address
        assert verdict(findings, "Proxy") is of_proxy

    @pytest.mark.parametrize(
        ("cookie", "expected"),
        [("staff_form=1; Secure", OK), ("staff_form=1", MEND), ("other=1", SKIPPED)],
    )
    def test_the_proxy_says_that_requests_come_by_tls(self, cookie: str, expected: Verdict) -> None:
        with answering(lambda _: Response(headers={"Set-Cookie": cookie})) as address:
            assert ask_proxy(address).verdict is expected


class TestProvider:
    @pytest.fixture
    def rules(self, tmp_path: Path) -> Path:
        file = tmp_path / "rules.toml"
        file.write_text(RULES, encoding="utf-8")
        return file

    def test_none_is_not_checked(self, database: Path) -> None:
        assert verdict(found(database), "Fournisseur d'identité") is SKIPPED

    @pytest.mark.parametrize(
        ("lie", "said"),
        [
            (None, "répond et publie ses clés"),
            ("issuer", "il se nomme « https://autre.exemple »"),
            ("keys", "aucune clé"),
            ("away", "ne répond pas"),
            ("page", "status 404"),
        ],
    )
    def test_what_it_publishes(
        self, database: Path, rules: Path, lie: str | None, said: str
    ) -> None:
        with lying_provider(NOW) as provider:
            if lie == "issuer":
                provider.document["issuer"] = "https://autre.exemple"
            elif lie == "keys":
                provider.replies[KEYS] = Reply('{"keys": []}')
            elif lie == "away":
                provider.replies[DISCOVERY] = Reply("", 503)
            elif lie == "page":
                provider.replies[DISCOVERY] = Reply("", 404)
            finding = found(
                database,
                openid_issuer=provider.issuer,
                openid_client_id=CLIENT,
                openid_claims=rules,
                public_address=provider.issuer,
            )["Fournisseur d'identité"]
        assert finding.verdict is (MEND if lie else OK)
        assert said in finding.text

    def test_its_settings_and_rules(self, database: Path, rules: Path) -> None:
        stated: dict[str, Any] = {
            "openid_issuer": "http://exemple.fr",
            "public_address": "https://a.exemple.fr",
        }
        without_rules = found(database, **stated)["Fournisseur d'identité"]
        assert "EDUCONNECT_OPENID_CLAIMS" in without_rules.text
        finding = found(database, openid_claims=rules, **stated)["Fournisseur d'identité"]
        assert finding.verdict is MEND
        assert "adresse https attendue" in finding.text


class TestCommand:
    def test_it_says_each_point_and_fails_for_those_to_mend(self, run: Run) -> None:
        ran = run("check")
        points = [line.split(" : ")[0].removeprefix(str(MEND)) for line in ran.text.splitlines()]
        assert len(points) == 11
        assert ran.code == 1
        assert ran.err.endswith("à corriger.\n")

    def test_wrong_settings_are_a_point_too(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("EDUCONNECT_SMTP_PORT", "x")
        first, *rest = run("check").text.splitlines()
        assert first.startswith("À CORRIGER")
        assert "EDUCONNECT_SMTP_PORT" in first
        assert all(line.startswith("NON VÉRIFIÉ") for line in rest)

    def test_variables_that_are_no_settings_are_named(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("EDUCONNECT_SMTP_HOTS", "x")
        assert "EDUCONNECT_SMTP_HOTS" in run("check").text.splitlines()[0]


def test_what_a_command_makes_is_its_owners_alone(run: Run, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        run("demo", "--database", tmp_path / "new" / "a.duckdb")
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}
    assert modes == {"a.duckdb": 0o600}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_serving_says_what_others_may_open(run: Run, database: Path) -> None:
    database.chmod(0o644)
    refused = run("serve", "--local", "--address", "0.0.0.0", "--database", database)
    assert refused.err.startswith(f"Attention : « {database} » est ouvert à d'autres")

"""What must be right for an installation to serve: each point looked at on its own."""

import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import requests

from dashboard.actions.back_up import daily_backups, way_back
from dashboard.bootstrap import mail_server, openid_client, paths, read_claim_rules
from dashboard.credentials.openid import Published
from dashboard.credentials.openid_provider import SignInRefused
from dashboard.domain.errors import Refused
from dashboard.domain.french import plural
from dashboard.health import free_bytes
from dashboard.settings import (
    Settings,
    holds_secrets,
    read_settings,
    settings_file,
    unknown_variables,
)
from dashboard.store.backup import verify
from dashboard.store.engine import Schema, read_schema
from dashboard.store.failures import Corrupt, InUse
from dashboard.transport.delivery import Unavailable
from dashboard.transport.smtp import try_connection
from dashboard.web.staff_pages import FORM_COOKIE

_GIB = 2**30
_DAY_SECONDS = 24 * 60 * 60
_BACKUP_SECONDS = 2 * _DAY_SECONDS
_TIMEOUT_SECONDS = 10
_CLOCK_SECONDS = 60  # by which a sign-in at the provider may be off
# Dates are those of the place where the schools are.
_ZONES = (
    *("Europe/Paris", "America/Cayenne", "America/Guadeloupe", "America/Martinique"),
    *("America/Miquelon", "Indian/Mayotte", "Indian/Reunion"),
    *("Pacific/Noumea", "Pacific/Tahiti", "Pacific/Wallis"),
)


class Verdict(StrEnum):
    """What is said of a point."""

    GOOD = "OK"
    TO_MEND = "À CORRIGER"
    NOT_CHECKED = "NON VÉRIFIÉ"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found at a point, and what to do about it, in French."""

    verdict: Verdict
    text: str


def _good(text: str) -> Finding:
    return Finding(Verdict.GOOD, text)


def _mend(text: str) -> Finding:
    return Finding(Verdict.TO_MEND, text)


def _not_checked(text: str) -> Finding:
    return Finding(Verdict.NOT_CHECKED, text)


@dataclass(frozen=True)
class Deployment:
    """What is looked at: the settings, the database's file, the time here with its zone."""

    settings: Settings
    database: str
    now: datetime
    free: Callable[[Path], int] = free_bytes

    @cached_property
    def schema(self) -> Schema:
        return read_schema(self.database)

    @cached_property
    def public_address(self) -> str:
        return self.settings.public_address.rstrip("/")

    @cached_property
    def published(self) -> Published:
        client = openid_client(self.settings, self.public_address, lambda: self.now)
        return client.published()


def examine(database: str, now: datetime) -> dict[str, Finding]:
    """Look at every point; `database` is that of the settings if it is empty."""
    try:
        settings = read_settings()
    except Refused as refused:
        rest = _not_checked("les réglages sont à corriger d'abord.")
        return dict.fromkeys(POINTS, rest) | {_SETTINGS: _mend(" ".join(refused.reasons))}
    return examine_deployment(Deployment(settings, database or settings.database, now))


def examine_deployment(deployment: Deployment) -> dict[str, Finding]:
    """Look at every point of a deployment whose settings can be read."""
    return {point: look(deployment) for point, look in POINTS.items()}


def _look_at_settings(_: Deployment) -> Finding:
    if unknown := unknown_variables():
        listed = ", ".join(unknown)
        return _mend(f"variables inconnues, sans effet : {listed}. Corrigez leur nom.")
    return _good("valides.")


def _look_at_database(deployment: Deployment) -> Finding:
    if not Path(deployment.database).exists():
        return _not_checked(f"« {deployment.database} » sera créée au premier démarrage.")
    try:
        _ = deployment.schema
        verify(Path(deployment.database))
    except InUse:
        return _good(f"« {deployment.database} » est tenue par le tableau de bord en service.")
    except Corrupt as damaged:
        told = [*damaged.reasons, *way_back(damaged, deployment.settings.backup_folder)]
        return _mend(" ".join(told))
    except Refused as refused:
        return _mend(f"{' '.join(refused.reasons)} Restaurez une sauvegarde (educonnect restore).")
    return _good(f"« {deployment.database} » s'ouvre, et se lit en entier.")


def _look_at_schema(deployment: Deployment) -> Finding:
    try:
        schema = deployment.schema
    except InUse:
        return _not_checked(
            "la base est ouverte ; le tableau de bord l'a mise à jour en l'ouvrant."
        )
    except Refused:
        return _not_checked("la base ne s'ouvre pas, ou n'existe pas encore.")
    if schema.version > schema.newest:
        return _mend(
            f"version {schema.version}, plus récente que le programme ({schema.newest}) : "
            "installez la version du programme qui l'a écrite."
        )
    if schema.version < schema.newest:
        return _mend(
            f"version {schema.version} au lieu de {schema.newest} : sauvegardez, puis lancez "
            "« educonnect housekeeping »."
        )
    return _good(f"version {schema.version}, celle du programme.")


def _look_at_disk(deployment: Deployment) -> Finding:
    """A backup or a restoration takes as much as the database once more."""
    file = Path(deployment.database)
    needed = max(_GIB, 2 * file.stat().st_size if file.exists() else 0)
    folders = {_existing(file.parent)}
    if (mail := paths(deployment.settings, deployment.database).mail_folder) is not None:
        folders.add(_existing(mail))
    if deployment.settings.backup_folder is not None:
        folders.add(_existing(deployment.settings.backup_folder))
    short = sorted(folder for folder in folders if deployment.free(folder) < needed)
    if short:
        said = ", ".join(
            f"« {folder} » : {_size(deployment.free(folder))} libres, {_size(needed)} attendus"
            for folder in short
        )
        return _mend(f"{said}. Libérez de la place, ou déplacez les anciennes sauvegardes.")
    return _good(f"{_size(min(map(deployment.free, folders)))} libres.")


def _existing(folder: Path) -> Path:
    folder = folder.resolve()
    return next(one for one in (folder, *folder.parents) if one.exists())


def _size(count: int) -> str:
    return f"{count / _GIB:.1f} Gio".replace(".", ",")


def _look_at_permissions(deployment: Deployment) -> Finding:
    paths = private_paths(deployment.settings, deployment.database)
    if not paths:
        return _not_checked("rien n'est encore sur le disque.")
    if found := exposed(paths):
        return _mend(" ; ".join(found))
    return _good(f"lisibles par leur propriétaire seul : {', '.join(map(str, paths))}.")


def _look_at_backups(deployment: Deployment) -> Finding:
    folder = deployment.settings.backup_folder
    if folder is None:
        return _not_checked("aucune copie n'est faite chaque jour (backup_folder).")
    made = daily_backups(deployment.database, folder)
    if not made:
        return _mend(f"aucune copie dans « {folder} » : le tableau de bord sert-il ?")
    try:
        verify(made[-1])
    except Refused as refused:
        return _mend(f"{' '.join(refused.reasons)} Effacez-la : une autre sera faite.")
    age = deployment.now.timestamp() - made[-1].stat().st_mtime
    if age > _BACKUP_SECONDS:
        days = plural(round(age / _DAY_SECONDS), "jour")
        return _mend(f"la dernière copie, « {made[-1]} », a {days} : lisez le journal du service.")
    return _good(f"la dernière est « {made[-1]} », et se lit en entier.")


def _look_at_mail(deployment: Deployment) -> Finding:
    settings = deployment.settings
    if not settings.smtp_host:
        folder = paths(settings, deployment.database).mail_folder
        return _not_checked(
            f"aucun serveur (smtp_host) : les courriels vont dans « {folder} » et ne partent pas."
        )
    server = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        try_connection(replace(mail_server(settings), timeout_seconds=_TIMEOUT_SECONDS))
    except Unavailable as trouble:
        return _mend(f"{server} : {trouble.answer}. Corrigez les réglages smtp_….")
    login = "identifiant accepté" if settings.smtp_username else "sans identifiant"
    return _good(f"{server} répond ({settings.smtp_security}, {login}) ; rien n'a été envoyé.")


def _look_at_clock(deployment: Deployment) -> Finding:
    offset = deployment.now.utcoffset()
    if offset not in {deployment.now.astimezone(ZoneInfo(zone)).utcoffset() for zone in _ZONES}:
        return _mend(
            f"le fuseau horaire ({deployment.now:%Z}) n'est pas celui d'une école de France : "
            "timedatectl set-timezone Europe/Paris (ou TZ=Europe/Paris)."
        )
    try:
        there = deployment.published.time if deployment.settings.openid_issuer else None
    except Refused:
        there = None
    if there is None:
        return _good(f"fuseau {deployment.now:%Z} ; l'heure n'a pu être comparée à aucune autre.")
    off = round((deployment.now - there).total_seconds())
    if abs(off) > _CLOCK_SECONDS:
        way = "avance" if off > 0 else "retarde"
        return _mend(
            f"l'horloge {way} de {abs(off)} s sur le fournisseur d'identité : "
            "timedatectl set-ntp true."
        )
    return _good(f"fuseau {deployment.now:%Z}, à la même heure que le fournisseur d'identité.")


def _look_at_address(deployment: Deployment) -> Finding:
    address = deployment.public_address
    if not address:
        return _mend("public_address manque : les familles n'atteindraient pas l'activation.")
    if urlsplit(address).scheme != "https":
        return _mend(f"public_address « {address} » : une adresse https est attendue.")
    return _good(f"{address}")


def _look_at_proxy(deployment: Deployment) -> Finding:
    """This program speaks no TLS itself: a public https address has a proxy in front."""
    is_https = urlsplit(deployment.public_address).scheme == "https"
    if is_https and not deployment.settings.behind_proxy:
        return _mend(
            "l'adresse publique est en https, donc derrière un proxy : behind_proxy = true. Sans "
            "lui, les cookies ne sont pas réservés à TLS et toutes les sources n'en font qu'une."
        )
    if not is_https:
        if deployment.settings.behind_proxy:
            return _mend("behind_proxy = true sans public_address en https : réglez-la.")
        return _not_checked("aucun proxy n'est réglé.")
    return ask_proxy(deployment.public_address)


def ask_proxy(address: str) -> Finding:
    """Whether a visitor's form cookie is for TLS only, as it is once the headers come through."""
    try:
        answer = requests.get(f"{address}/", timeout=_TIMEOUT_SECONDS, allow_redirects=False)
    except requests.RequestException as error:
        return _not_checked(f"{address} n'a pas répondu d'ici ({type(error).__name__}).")
    cookie = next((one for one in answer.cookies if one.name == FORM_COOKIE), None)
    if cookie is None:
        return _not_checked(f"{address} répond {answer.status_code}, sans le tableau de bord.")
    if not cookie.secure:
        return _mend(
            "le proxy ne dit pas que les demandes viennent par TLS : "
            "proxy_set_header X-Forwarded-Proto $scheme;"
        )
    return _good("il dit que les demandes viennent par TLS.")


def _look_at_provider(deployment: Deployment) -> Finding:
    settings = deployment.settings
    if not settings.openid_issuer:
        return _not_checked("aucun (openid_issuer) : les personnels ont un mot de passe d'ici.")
    try:
        read_claim_rules(settings)
        published = deployment.published
    except SignInRefused as refused:
        return _mend(f"{' '.join(refused.reasons)} ({refused.detail})")
    except Refused as refused:
        return _mend(" ".join(refused.reasons))
    if published.issuer != settings.openid_issuer:
        return _mend(
            f"il se nomme « {published.issuer} » : recopiez exactement ce nom dans openid_issuer."
        )
    if not published.keys:
        return _mend("il ne publie aucune clé qui serve ici (RSA de 2048 bits, EC ou Ed25519).")
    return _good(f"{published.issuer} répond et publie ses clés.")


_SETTINGS = "Réglages"
POINTS: dict[str, Callable[[Deployment], Finding]] = {
    _SETTINGS: _look_at_settings,
    "Base": _look_at_database,
    "Version de la base": _look_at_schema,
    "Espace disque": _look_at_disk,
    "Droits des fichiers": _look_at_permissions,
    "Sauvegardes": _look_at_backups,
    "Messagerie": _look_at_mail,
    "Horloge": _look_at_clock,
    "Adresse publique": _look_at_address,
    "Proxy": _look_at_proxy,
    "Fournisseur d'identité": _look_at_provider,
}


_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def private_paths(settings: Settings, database: str) -> list[Path]:
    """The files and folders that exist and hold people's data, keys or passwords.

    Not the folder of secrets: systemd or a container makes it, with rights of its own kind.
    """
    kept, file = paths(settings, database), settings_file()
    wanted = [
        *(Path(database), Path(f"{database}.wal"), kept.key_file),
        *(kept.mail_folder, settings.backup_folder),
    ]
    if file is not None and holds_secrets(file):
        wanted.append(file)
    return [path for path in wanted if path is not None and path.exists()]


def exposed(kept: list[Path]) -> list[str]:
    """Why others than the owner may open some of these, and what to do, in French."""
    found = [(path, stat.S_IMODE(path.stat().st_mode)) for path in kept]
    return [
        f"« {path} » est ouvert à d'autres que son propriétaire ({mode:04o}) : chmod go= '{path}'"
        for path, mode in found
        if mode & _OTHERS
    ]

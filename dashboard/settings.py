"""What an installation decides: by variables ``EDUCONNECT_…``, by secret files, or by a TOML file.

The environment wins over the folder of secrets, and that over the file. `read_settings` is the one
way in: what it refuses, it says in French, all at once, and never with a secret.
"""

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from dashboard.domain.errors import Refused
from dashboard.domain.suppression import LARGEST

DEFAULT_DATABASE = Path("data") / "accounts.duckdb"
_PREFIX = "EDUCONNECT_"
# The file of settings, and the folder that holds a file for each secret, named as its variable.
SETTINGS_FILE = f"{_PREFIX}SETTINGS"
SECRETS_FOLDER = f"{_PREFIX}SECRETS"
_SYSTEMD_CREDENTIALS = "CREDENTIALS_DIRECTORY"


class Settings(BaseSettings):
    """The settings of an installation, and what the start page says of help."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    database: str = str(DEFAULT_DATABASE)
    # Whom a director asks for help, and where the portal for guardians is.
    help_contact: str = "l'assistance informatique de votre académie"
    help_email: str = ""
    portal_address: str = "https://educonnect.education.gouv.fr"
    accessibility_statement: str = ""
    # Where guardians reach this program; by default, the address that it is served at.
    public_address: str = ""
    # Where the dashboard puts a copy of its database each day, and how many it keeps there.
    backup_folder: Path | None = None
    backups_kept: int = Field(default=7, ge=1)
    # The key that links are signed with; by default beside the database, made at the first start.
    key_file: Path | None = None
    # How messages leave. Without a host they are put into a folder, by default beside the database.
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_ca_file: str = ""
    mail_folder: Path | None = None
    mail_from: str = "EduConnect <ne-pas-repondre@educonnect.invalid>"
    mails_per_minute: int = Field(default=600, ge=1)
    # How long the journal is kept; six to twelve months are asked for by CNIL 2021-122.
    journal_months: int = Field(default=12, ge=1)
    # Counts of fewer people are hidden from those who may not see people.
    smallest_count: int = Field(default=5, ge=0, le=LARGEST)
    # How long the names of guardians and students who have left every school are kept.
    leavers_months: int = Field(default=12, ge=1)
    # Whether a reverse proxy in front says where requests come from and that they came by TLS.
    behind_proxy: bool = False
    # The provider that signs staff in, and the rules (TOML) of what its claims make of them.
    openid_issuer: str = ""
    openid_client_id: str = ""
    openid_client_secret: SecretStr = SecretStr("")
    openid_claims: Path | None = None
    openid_ca_file: str = ""
    # What lets a monitoring system on another machine read the metrics.
    metrics_token: SecretStr = SecretStr("")
    # How long a sign-in of the staff lasts unused, and at most.
    session_idle_minutes: int = Field(default=60, ge=1)
    session_hours: int = Field(default=12, ge=1)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # pydantic's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        sources = [init_settings, env_settings]
        if (folder := secrets_folder()) is not None:
            sources.append(SecretsSettingsSource(settings_cls, folder))
        if (file := settings_file()) is not None:
            sources.append(TomlConfigSettingsSource(settings_cls, file))
        return tuple(sources)


SECRETS = frozenset(
    name for name, field in Settings.model_fields.items() if field.annotation is SecretStr
)


def settings_file() -> Path | None:
    """The file of settings that the environment names."""
    named = os.environ.get(SETTINGS_FILE)
    return Path(named) if named else None


def secrets_folder() -> Path | None:
    """The folder of secrets: the one that the environment names, else systemd's credentials."""
    named = os.environ.get(SECRETS_FOLDER) or os.environ.get(_SYSTEMD_CREDENTIALS)
    return Path(named) if named else None


def read_settings() -> Settings:
    """The settings of this installation.

    Raises:
        Refused: with every setting that is wrong, where it was set, and what is expected there.
    """
    if reasons := [*_unreadable()]:
        raise Refused(reasons)
    try:
        return Settings()
    except ValidationError as wrong:
        # Not chained: the error holds what was given.
        raise Refused(
            [_told(error) for error in wrong.errors(include_url=False, include_input=False)]
        ) from None


def holds_secrets(file: Path) -> bool:
    """Whether a file of settings states a secret, so that nobody else may read it."""
    try:
        stated = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return not SECRETS.isdisjoint(stated)


def unknown_variables() -> list[str]:
    """The variables of the environment that look like settings, and are none."""
    others = {SETTINGS_FILE, SECRETS_FOLDER}
    known = {f"{_PREFIX}{name.upper()}" for name in Settings.model_fields} | others
    return sorted(name for name in os.environ if name.startswith(_PREFIX) and name not in known)


def _unreadable() -> Iterator[str]:
    """Why the file or the folder of secrets cannot be read."""
    file, folder = settings_file(), secrets_folder()
    if file is not None:
        try:
            tomllib.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            yield f"Fichier de réglages « {file} » ({SETTINGS_FILE}) : {error.strerror}."
        except ValueError as error:
            yield f"Fichier de réglages « {file} » : ce n'est pas du TOML ({error})."
    if folder is not None:
        yield from _unreadable_secrets(folder)


def _unreadable_secrets(folder: Path) -> Iterator[str]:
    try:
        files = [one for one in folder.iterdir() if one.name.upper().startswith(_PREFIX)]
    except OSError as error:
        yield f"Dossier des secrets « {folder} » : {error.strerror}."
        return
    for file in files:
        try:
            file.read_text(encoding="utf-8")
        except OSError as error:
            yield f"Secret « {file} » : {error.strerror}."
        except ValueError:
            yield f"Secret « {file} » : ce n'est pas du texte en UTF-8."


def _told(error: Mapping[str, Any]) -> str:
    """One wrong setting, in French: which, where it was set, what is expected."""
    name = ".".join(str(part) for part in error["loc"])
    variable = f"{_PREFIX}{name.upper()}"
    if error["type"] == "extra_forbidden":
        alike = get_close_matches(name, Settings.model_fields, n=1)
        hint = f" Vouliez-vous dire « {alike[0]} » ?" if alike else ""
        return f"Réglage « {name} » (fichier {settings_file()}) : inconnu.{hint}"
    say = _EXPECTED.get(error["type"], _another)
    if variable in os.environ:
        place = f"{variable} (environnement)"
    elif _is_secret_file(variable):
        place = f"{variable} (dossier {secrets_folder()})"
    else:
        place = f"« {name} » (fichier {settings_file()})"
    return f"Réglage {place} : {say(error.get('ctx', {}))}."


def _is_secret_file(variable: str) -> bool:
    folder = secrets_folder()
    return folder is not None and any(file.name.upper() == variable for file in folder.iterdir())


def _another(_: Mapping[str, Any]) -> str:
    return "une autre valeur est attendue"


def _whole(_: Mapping[str, Any]) -> str:
    return "un nombre entier est attendu"


def _flag(_: Mapping[str, Any]) -> str:
    return "true ou false est attendu"


def _text(_: Mapping[str, Any]) -> str:
    return "un texte est attendu"


# What is expected where the validation says that something is wrong, by its name for it.
_EXPECTED: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "int_parsing": _whole,
    "int_type": _whole,
    "int_from_float": _whole,
    "bool_parsing": _flag,
    "bool_type": _flag,
    "string_type": _text,
    "path_type": _text,
    "greater_than_equal": lambda said: f"au moins {said['ge']} est attendu",
    "less_than_equal": lambda said: f"au plus {said['le']} est attendu",
    "literal_error": lambda said: f"{str(said['expected']).replace(' or ', ' ou ')} est attendu",
}

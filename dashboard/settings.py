"""What an installation decides: by environment variables named ``EDUCONNECT_…``."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_DATABASE = Path("data") / "accounts.duckdb"


class Settings(BaseSettings):
    """The settings of an installation, and what the start page says of help."""

    model_config = SettingsConfigDict(env_prefix="EDUCONNECT_", frozen=True)

    database: str = str(DEFAULT_DATABASE)
    # Whom a director asks for help, and where the portal for guardians is.
    help_contact: str = "l'assistance informatique de votre académie"
    help_email: str = ""
    portal_address: str = "https://educonnect.education.gouv.fr"
    accessibility_statement: str = ""
    # Where guardians reach this program; by default, the address that it is served at.
    public_address: str = ""
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
    smallest_count: int = Field(default=5, ge=0)
    # Whether a reverse proxy in front says where requests come from and that they came by TLS.
    behind_proxy: bool = False
    # The provider that signs staff in, and the rules (TOML) of what its claims make of them.
    openid_issuer: str = ""
    openid_client_id: str = ""
    openid_client_secret: SecretStr = SecretStr("")
    openid_claims: Path | None = None
    openid_ca_file: str = ""
    # How long a sign-in of the staff lasts unused, and at most.
    session_idle_minutes: int = Field(default=60, ge=1)
    session_hours: int = Field(default=12, ge=1)

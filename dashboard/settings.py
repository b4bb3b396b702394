"""What an installation decides: by environment variables named ``EDUCONNECT_…``."""

from pathlib import Path

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

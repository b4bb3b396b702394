"""What an installation's settings make: the key, the way messages leave, what papers say."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dashboard.actions.housekeeping import Retention
from dashboard.actions.provider_sign_in import ProviderSignIn
from dashboard.actions.send_messages import Mailing
from dashboard.actions.services import Services
from dashboard.actions.staff_sessions import StaffSessions
from dashboard.credentials.links import load_signer
from dashboard.credentials.openid import OpenIdClient
from dashboard.credentials.openid_provider import OpenIdSettings
from dashboard.domain.claims import ClaimRules, claim_rules
from dashboard.domain.errors import Refused
from dashboard.domain.message import Letterhead
from dashboard.domain.scope import Role
from dashboard.settings import Settings
from dashboard.store.engine import MEMORY, Store
from dashboard.transport.maildir import Maildir
from dashboard.transport.smtp import SmtpServer
from dashboard.web.staff_pages import RETURN


@dataclass(frozen=True, slots=True)
class Paths:
    """Where an installation keeps what stands beside its database.

    Without a key file the key lasts as long as the process; without a mail folder there is a
    mail server.
    """

    key_file: Path | None
    mail_folder: Path | None


def paths(settings: Settings, database: str) -> Paths:
    """The paths that the settings name, or that follow from the database's."""
    file = None if database == MEMORY else Path(database)
    beside = file or Path("accounts.duckdb")
    return Paths(
        settings.key_file or (beside.with_suffix(".key") if file else None),
        None if settings.smtp_host else settings.mail_folder or beside.with_suffix(".mail"),
    )


def open_services(
    store: Store, settings: Settings, served_at: str, clock: Callable[[], datetime] = datetime.now
) -> Services:
    """The services of a store; `served_at` is the address of the program where none is set.

    Raises:
        Refused: the key cannot be read or made.
    """
    kept = paths(settings, store.url)
    address = (settings.public_address or served_at).rstrip("/")
    folder = kept.mail_folder
    return Services(
        store,
        load_signer(kept.key_file),
        address,
        Letterhead(f"{address}/activation", settings.help_contact),
        Mailing(
            mail_server(settings) if folder is None else Maildir(folder),
            settings.mail_from,
            settings.mails_per_minute,
        ),
        clock,
        folder,
    )


def retention(settings: Settings) -> Retention:
    """How long things are kept."""
    return Retention(settings.journal_months, settings.leavers_months)


def mail_server(settings: Settings) -> SmtpServer:
    """The mail server that the settings name."""
    return SmtpServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_username,
        settings.smtp_password.get_secret_value(),
        ca_file=settings.smtp_ca_file,
    )


def open_provider(
    sessions: StaffSessions, settings: Settings, services: Services
) -> ProviderSignIn | None:
    """The provider that signs staff in, if the settings name one.

    Raises:
        Refused: with what is wrong with its settings, or with the rules for its claims.
    """
    if not settings.openid_issuer:
        return None
    rules = read_claim_rules(settings)
    return ProviderSignIn(
        sessions, openid_client(settings, services.public_address, services.clock), rules
    )


def read_claim_rules(settings: Settings) -> ClaimRules:
    """What the provider's claims make of who signs in.

    Raises:
        Refused: with what is wrong with the rules.
    """
    if settings.openid_claims is None:
        raise Refused(["EDUCONNECT_OPENID_CLAIMS : indiquez le fichier des règles (TOML)."])
    try:
        table = tomllib.loads(settings.openid_claims.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refused([f"« {settings.openid_claims} » : {error}"]) from error
    return claim_rules(table, [role.value.lower() for role in Role])


def openid_client(
    settings: Settings, public_address: str, clock: Callable[[], datetime]
) -> OpenIdClient:
    """What speaks to the provider.

    Raises:
        Refused: with what is wrong with its settings.
    """
    stated = OpenIdSettings(
        settings.openid_issuer,
        settings.openid_client_id,
        settings.openid_client_secret.get_secret_value(),
        f"{public_address}{RETURN}",
        ca_file=settings.openid_ca_file,
    )
    return OpenIdClient(stated, clock)

"""One look for every page: colours and sizes, the frame of a page, its parts, its icons.

The stylesheet is one file made of those in ``static/``, in the order of `_STYLES`. What is served
has its content's hash in its name, so that browsers keep it for as long as they like.
"""

import gzip
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from types import MappingProxyType

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

ROOT = "/theme"
_STATIC = resources.files(__package__) / "static"
_STYLES = ("tokens.css", "parts.css", "plain.css")
_FILES = ("forms.js", "icon.svg")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load, as it is and compressed."""

    name: str  # with the hash of the content
    media_type: str
    content: bytes
    compressed: bytes

    @property
    def address(self) -> str:
        return f"{ROOT}/{self.name}"


def _asset(name: str, content: bytes) -> Asset:
    stem, _, ending = name.rpartition(".")
    version = sha256(content).hexdigest()[:12]
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Asset(f"{stem}.{version}.{ending}", media_type, content, gzip.compress(content, mtime=0))


@cache
def assets() -> Mapping[str, Asset]:
    """What pages may load, by its name without the hash."""
    styles = b"\n".join((_STATIC / name).read_bytes() for name in _STYLES)
    files = {name: (_STATIC / name).read_bytes() for name in _FILES}
    found = {"theme.css": styles, **files}
    return MappingProxyType({name: _asset(name, content) for name, content in found.items()})


def templates(package: str) -> Environment:
    """The templates of a package, which may extend and import those of the theme.

    All that is filled in is escaped; a name that a template lacks is an error.
    """
    found = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(__package__)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["asset"] = lambda name: assets()[name].address
    found.globals["icons"] = found.get_template("icons.html").module
    return found

"""The theme's files: one stylesheet, addresses that change with the content, nothing from afar."""

import gzip
import re
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from jinja2 import UndefinedError

import dashboard
from dashboard.theme import Asset, assets, templates
from tests.web.conftest import Site
from tests.web.visitor import Visitor

IMPORTANT = ("ink", "ink2", "accent", "danger")
GROUNDS = ("bg", "surface")
LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3


@pytest.fixture(params=[*assets().values()], ids=[*assets()])
def asset(request: pytest.FixtureRequest) -> Asset:
    found: Asset = request.param
    return found


@pytest.mark.parametrize("takes", ["identity", "gzip"])
def test_every_file_is_compressed_where_that_is_taken(site: Site, asset: Asset, takes: str) -> None:
    wanted = Request(f"http://127.0.0.1:{site.port}{asset.address}")
    wanted.add_header("Accept-Encoding", takes)
    with urlopen(wanted, timeout=30) as answer:
        content = answer.read()
    is_packed = answer.headers.get("Content-Encoding") == "gzip"
    assert is_packed == (takes == "gzip")
    assert (gzip.decompress(content) if is_packed else content) == asset.content
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_a_file_of_another_content_is_not_found(site: Site, asset: Asset) -> None:
    other = asset.address.replace(".", ".0", 1)
    assert Visitor(site.port).ask("GET", other).status == 404


def test_nothing_comes_from_another_host(asset: Asset) -> None:
    found = re.findall(r"(?:https?:)?//[\w.-]+", asset.content.decode())
    assert [address for address in found if address != "http://www.w3.org"] == []


def style(prefers_dark: bool) -> dict[str, str]:
    """The colours by their names, as the day or the night has them."""
    tokens = assets()["theme.css"].content.decode()
    day, night = tokens.split("@media (prefers-color-scheme: dark)")[:2]
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", day))
    if prefers_dark:
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", night.split("@media")[0]))
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """By WCAG 2.2's definition of contrast ratio."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("prefers_dark", [False, True])
def test_words_are_readable_on_every_ground(prefers_dark: bool) -> None:
    colours = style(prefers_dark)
    pairs = [(word, ground) for word in IMPORTANT for ground in GROUNDS]
    pairs += [("on-accent", "accent"), ("ink", "accent-soft"), ("danger", "danger-soft")]
    found = {pair: contrast(*(colours[name] for name in pair)) for pair in pairs}
    assert {pair for pair, ratio in found.items() if ratio < LEAST_CONTRAST} == set()


def test_what_is_filled_in_is_text_and_never_markup() -> None:
    parts = templates("dashboard.web").get_template("parts.html").module
    assert "<script>" not in parts.done("<script>")  # type: ignore[attr-defined]  # Jinja's macros


def test_a_name_that_a_template_lacks_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        templates("dashboard.web").get_template("error.html").render()


def test_every_class_of_the_styles_is_used_by_a_template() -> None:
    styles = re.sub(r"/\*.*?\*/", "", assets()["theme.css"].content.decode(), flags=re.S)
    known = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", styles)))
    folder = Path(dashboard.__file__).parent
    templates_and_guides = [*folder.glob("*/templates/*.html"), folder / "web" / "guides.py"]
    used = " ".join(path.read_text("utf-8") for path in templates_and_guides)
    assert {name for name in known if not re.search(rf"\b{name}\b", used)} == set()


def test_a_page_loads_the_theme(site: Site) -> None:
    page = Visitor(site.port).ask("GET", "/activation").body
    assert f'href="{assets()["theme.css"].address}"' in page

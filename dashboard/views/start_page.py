"""The start page of the demonstration: plain HTML, one button per user."""

from collections.abc import Iterable
from html import escape

from dashboard.domain.scope import User

_PAGE = """<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Démonstration – {title}</title>
<style>
body {{ font-family: system-ui, sans-serif; margin: 0; color: #16202c; line-height: 1.5; }}
header {{ background: #00507d; color: white; padding: 1rem 1.5rem; }}
h1 {{ font-size: 1.35rem; margin: 0; }}
main {{ max-width: 44rem; margin: 2rem auto; padding: 0 1.5rem; }}
button {{ display: block; width: 100%; margin: 0.75rem 0; padding: 0.9rem 1.2rem; font: inherit;
  text-align: left; color: #00507d; background: white; border: 2px solid #00507d;
  border-radius: 6px; cursor: pointer; }}
button:hover, button:focus-visible {{ background: #00507d; color: white; }}
button:focus-visible {{ outline: 3px solid #e69f00; outline-offset: 2px; }}
</style>
</head>
<body>
<header><h1>{title}</h1></header>
<main>
<h2>Démonstration</h2>
<p>Les écoles sont celles du guide ; toutes les personnes sont fictives. Entrez en tant que :</p>
<form method="post" action="sign-in">
<input type="hidden" name="next" value="{wanted}">
{buttons}
</form>
</main>
</body>
</html>
"""


def start_page(title: str, users: Iterable[User], wanted: str) -> str:
    """The page that offers to enter as one of these users, and to go on to the page they wanted."""
    buttons = "\n".join(
        f'<button name="user" value="{escape(user.user_id, quote=True)}">'
        f"{escape(user.label)}</button>"
        for user in users
    )
    wanted = escape(wanted, quote=True)
    return _PAGE.format(title=escape(title), buttons=buttons, wanted=wanted)

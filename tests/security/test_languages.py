"""No page speaks two languages: a walk over all addresses in English and in Finnish.

A text of a page is of the other language when it is exactly a text of the catalogue in that language. Data is what the
world has; it is in English.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from accounts.models import User
from activities.log.forms.types import ICONS
from tests.security.test_parameter_walk import readable
from tests.security.test_passive import content

ROOT = Path(__file__).resolve().parents[2]
#: What is left out of a page: scripts, styles, and what says itself in which language it is.
OUTSIDE = re.compile(r'<(script|style|template)\b.*?</\1>|<(\w+)[^>]* lang="(?:fi|en|sv)"[^>]*>[^<]*</\2>', re.DOTALL)
TEXTS = re.compile(r'>([^<>]+)<|(?:title|aria-label|placeholder|alt)="([^"]+)"')
#: Data of the world that is like a text of the program.
DATA = {
    "Lead", "Offer", "Name", "Aktiivinen", "Asiakasryhmä", "Hinta", "Aihe", "Viesti",
    "Job", "Class", "Team", "Person", "Start", "Note", "Feedback", "Folder", "View", "Selection", "Customer group",
    "Group", "Template", "Order", "Day", "Finnish", "Price", "General", "Source", "One", "City",
    "Key customers", "Reason", "Why", "move", "Loyalty", "Uskollisuus", "Comment", "Area", "Avainasiakkaat", "Syy",
    "Alue", "Malli", "Report", "strategy",
    "Ohjelman oletuskriteerit. Muuttakaa ne asiakkaisiinne sopiviksi.",
    *ICONS,
}  # fmt: skip


def catalogue() -> list[tuple[str, str]]:
    """The texts of the catalogue that have no places to fill, in English and in Finnish."""
    with (ROOT / "locale/fi/LC_MESSAGES/django.po").open("rb") as file:
        plain = [(message.id, message.string) for message in read_po(file) if isinstance(message.id, str)]
    return [(english, finnish) for english, finnish in plain if english and finnish and "%" not in english]


def only_in(language: str) -> set[str]:
    """The texts that are of one language only."""
    english, finnish = ({one[at].strip().casefold() for one in catalogue()} for at in (0, 1))
    own, other = (finnish, english) if language == "fi" else (english, finnish)
    return {text for text in own - other if len(text) > 2} - {text.casefold() for text in DATA}


def texts_of(page: str) -> set[str]:
    page = OUTSIDE.sub("><", page[page.index("<body") :] if "<body" in page else page)
    found = {html.unescape(text or attribute).strip() for text, attribute in TEXTS.findall(page)}
    return {" ".join(text.split()) for text in found if text}


@pytest.mark.parametrize(("shown", "other"), [("en", "fi"), ("fi", "en")])
def test_no_page_has_texts_of_the_other_language(world, shown, other):
    User.objects.update(language=shown)
    foreign, wrong, tried = only_in(other), {}, 0
    assert len(foreign) > 2_000
    clients = {name: world.client(name) for name in ("admin", "owner")}
    for name, url, query, _view in readable(world):
        answer = clients[name].get(url + query)
        text = content(answer)  # files are read, so that they are closed
        if answer.status_code == 200 and "text/html" in answer.headers.get("Content-Type", ""):
            tried += 1
            if found := {one for one in texts_of(text) if one.casefold() in foreign}:
                wrong[url] = found
    assert not wrong, "\n".join(f"{url}: {sorted(found)}" for url, found in wrong.items())
    assert tried > 120


def test_a_text_of_the_other_language_would_be_found():
    page = (
        '<body><p title="Tallenna">x</p><button lang="fi">Suomi</button><b> Peruuta </b><script>Poista</script></body>'
    )
    assert texts_of(page) & {"Tallenna", "Peruuta", "Suomi", "Poista"} == {"Tallenna", "Peruuta"}
    assert {"tallenna", "peruuta"} <= only_in("fi")
    assert "cancel" in only_in("en")

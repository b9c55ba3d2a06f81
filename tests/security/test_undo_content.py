"""What the undo of a form keeps is all that its page sends, so that it loses nothing when it puts it back."""

import re
from html.parser import HTMLParser

import pytest
from django.urls import get_resolver

from core.form_undo import content_of
from tests.security.page_table import PAGES

pytestmark = pytest.mark.usefixtures("no_menu")

TECHNICAL = ("version", "seen", "submission_key", "csrfmiddlewaretoken", "next", "customer_search", "line-search")
#: Rows to copy, empty rows with their defaults, and what a rich text has besides.
EMPTY_ROWS = re.compile(r"(^|-)0000-|^line(-\d+-|$)|-stored$|-format$|^follow-")


class Fields(HTMLParser):
    """The names of fields of the page's form with a value."""

    def __init__(self):
        super().__init__()
        self.names, self.select = set(), ""

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "select":
            self.select = attrs.get("name", "")
        if tag == "option" and "selected" in attrs and attrs.get("value"):
            self.names.add(self.select)
        is_chosen = attrs.get("type") not in ("checkbox", "radio") or "checked" in attrs
        if tag == "input" and attrs.get("value") and is_chosen and attrs.get("type") not in ("submit", "button"):
            self.names.add(attrs.get("name"))


def undoable(patterns, route=""):
    for pattern in patterns:
        path = route + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from undoable(pattern.url_patterns, path)
        elif getattr(getattr(pattern.callback, "view_class", None), "undoable", False):
            yield path


def test_all_that_a_page_sends_is_kept(world):
    client, lost, tried = world.caller("admin"), {}, 0
    for route in undoable(get_resolver().url_patterns):
        assert route in PAGES
        response = client.get(world.address(route))
        form = (response.context or {}).get("form") if response.status_code == 200 else None
        if form is None:
            continue
        tried += 1
        page = Fields()
        page.feed(response.content.decode().partition("<main")[2].partition("<form")[2].partition("</form>")[0])
        drawn = {name for name in page.names if name and name not in TECHNICAL and not EMPTY_ROWS.search(name)}
        if missing := drawn - content_of(form).keys():
            lost[route] = missing
    assert lost == {}
    assert tried > 25

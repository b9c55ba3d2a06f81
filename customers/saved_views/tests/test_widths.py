"""Widths of columns: in the address of a list, in its saved views, in the state in which it was left."""

from __future__ import annotations

from typing import Any

import pytest

from customers.saved_views import store
from customers.saved_views.models import SavedView
from customers.saved_views.tests.conftest import BROWSER, LIST, names, view_of
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
WIDE = "widths=name.320&widths=owner.90"


def heads(response: Any) -> dict[str, int]:
    """Return the widths of the columns that have one."""
    return {head.name: head.width for head in response.context["table"].columns if head.width}


def test_columns_have_the_widths_of_the_address_without_a_style_attribute(page, user):
    CustomerFactory(owner=user)
    response = page.get(f"{LIST}?{WIDE}")
    assert heads(response) == {"name": 320, "owner": 90}
    table = response.text[response.text.index('<table class="t') :]
    assert 'data-column="name" data-width="320"' in table
    assert "style=" not in table


def test_links_of_the_list_keep_the_widths(page, user):
    CustomerFactory(owner=user)
    response = page.get(f"{LIST}?{WIDE}")
    assert "widths=name.320" in next(head.sort_url for head in response.context["table"].columns if head.sort_url)


@pytest.mark.parametrize("asked", ["gone.100", "name.39", "name.901", "name", "name.1e2", "name.-50", "name.１００"])
def test_width_that_no_column_can_have_is_refused(page, user, asked):
    CustomerFactory(owner=user)
    response = page.get(LIST, {"widths": asked})
    assert response.status_code == 400
    assert names(response) == []


def test_view_keeps_the_widths(page, user):
    CustomerFactory(owner=user)
    view = view_of(user, f"mine=true&columns=name&columns=owner&{WIDE}")
    assert view.words_en.endswith("own widths of columns")
    response = page.get(LIST, {"view": view.pk})
    assert heads(response) == {"name": 320, "owner": 90}
    assert not response.context["list_state"]["is_changed"]


def test_another_width_is_a_change_of_the_view(page, user):
    CustomerFactory(owner=user)
    view = view_of(user, f"mine=true&{WIDE}")
    changed = page.get(f"{LIST}?view={view.pk}&mine=true&sort=name&widths=name.200")
    assert changed.context["list_state"]["is_changed"]


def test_list_is_left_with_its_widths(client, user):
    client.force_login(user)
    client.get(f"{LIST}?{WIDE}", headers={"HX-Request": "true", "HX-Target": "list"}, **BROWSER)
    assert "widths=name.320" in client.get(LIST, **BROWSER).url


def test_width_of_a_column_that_the_list_lost_is_left_out(user):
    view = view_of(user, WIDE)
    SavedView.objects.filter(pk=view.pk).update(layout={"widths": ["gone.100", "name.320"]})
    view.refresh_from_db()
    assert store.open_query(view, store.read(view)).getlist("widths") == ["name.320"]

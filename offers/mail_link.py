"""The personal link in messages: the log has a word in its place, the message to its own recipient has the link."""

from __future__ import annotations

import re

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import override

from activities.models import EmailMessage
from offers.models import OfferLink
from offers.services.links import address_of

_WORD = re.compile(r"\[[^\[\]<>]{1,80} (?P<number>[A-Z]{2}\d{4}-\d{4,9})/(?P<version>\d{1,5})\]")


def link_word(link: OfferLink) -> str:
    """Return what stands in the log in place of a link."""
    version = link.version
    with override(link.language):
        return "[{} {}/{}]".format(_("personal link to the offer"), version.offer.number, version.number)


def link_fill(message: EmailMessage, body: str) -> str:
    """Return the message's HTML with the links of those whom it goes to; anybody else's stay words."""
    addresses = [row.address for row in message.recipients.all()]

    def link(found: re.Match[str]) -> str:
        rows = OfferLink.objects.filter(version__offer__number=found["number"], version__number=found["version"])
        mine = rows.filter(email__in=addresses).order_by("-pk").first() if len(addresses) == 1 else None
        return format_html('<a href="{0}">{0}</a>', address_of(mine)) if mine else found[0]

    return _WORD.sub(link, body)

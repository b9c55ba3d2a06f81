"""Endpoints of links to customers' editions: who has got one, mailing it, revoking it. The link itself is not shown."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activities.mail.enums import RecipientKind
from activities.mail.recipients import Recipient, resolve
from careplans.content.filters import EditionLinkFilter
from careplans.content.forms import contacts_of
from careplans.content.mail_forms import letter_texts
from careplans.content.models import EditionLink
from careplans.content.services.links import link_revoke, state_of
from careplans.content.services.mailing import links_send
from core import richtext
from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import ReadViewSet
from core.permissions import allowed
from customers.models import Contact, Customer

VIEW, SEND = "carecontent.view", "carecontent.send_link"


class EditionLinkSerializer(serializers.ModelSerializer[EditionLink]):
    """A personal link; ``message`` is the activity of the message that brought it."""

    state = serializers.SerializerMethodField(help_text="open, accepted, ended or revoked.")
    email = serializers.CharField(read_only=True, help_text="Where the link was sent; empty if it was not mailed.")

    class Meta:
        model = EditionLink
        fields = (
            "id", "customer", "contact", "email", "language", "state", "message", "created_by", "created_at",
            "expires_at", "revoked_at", "opened_at", "accepted_at", "accepted_name",
        )  # fmt: skip
        read_only_fields = fields

    def get_state(self, link: EditionLink) -> str:
        return state_of(link).value


class SendLinksSerializer(serializers.Serializer[Any]):
    """Contacts of the customer who get a message with a link each. Without a text it is the program's own."""

    customer: Any = VisibleRelatedField(queryset=Customer.objects.select_related("summary__owner"))
    contacts: Any = VisibleRelatedField(queryset=Contact.objects.all(), many=True, allow_empty=False)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, default="fi")
    days = serializers.IntegerField(min_value=1, max_value=180, default=60)
    subject = serializers.CharField(max_length=200, required=False)
    text = serializers.CharField(max_length=20_000, required=False, help_text="Plain text; {link} is the link.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        known = set(contacts_of(attrs["customer"].pk).values_list("pk", flat=True))
        if not {contact.pk for contact in attrs["contacts"]} <= known:
            raise serializers.ValidationError({"contacts": [_("Choose contacts of the customer.")]})
        return attrs


class EditionLinkViewSet(ReadViewSet):
    """Links to customers' editions of their plans."""

    queryset = EditionLink.objects.with_standing().select_related("customer").order_by("-pk")
    serializer_class = EditionLinkSerializer
    filterset_class = EditionLinkFilter
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": VIEW, "retrieve": VIEW, "create": "carecontent.add", "revoke": "carecontent.edit_row",
    }  # fmt: skip

    @extend_schema(request=SendLinksSerializer, responses={201: EditionLinkSerializer(many=True), 409: ErrorSerializer})
    def create(self, request: Request) -> Response:
        """Mail a link to each contact."""
        content = self.content(SendLinksSerializer)
        customer, contacts = content["customer"], content.pop("contacts")
        if not allowed(self.user, SEND, customer):
            self.permission_denied(request)
        texts = letter_texts(customer, self.user, content["language"], None)
        subject, text = content.pop("subject", texts["subject"]), content.pop("text", "")
        body = richtext.from_text(text) if text else texts["body"]
        links = links_send(recipients=self._people(contacts), subject=subject, body=body, user=self.user, **content)
        return Response(EditionLinkSerializer(links, many=True).data, status=201)

    def _people(self, contacts: list[Contact]) -> list[Recipient]:
        try:
            return resolve([f"contact:{contact.pk}" for contact in contacts], RecipientKind.TO, self.user)
        except ValidationError as error:
            raise serializers.ValidationError({"contacts": error.messages}) from error

    @extend_schema(request=None, responses={200: EditionLinkSerializer})
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Revoke the link, so that it opens nothing."""
        return self.answer(link_revoke(link=self.get_object()))

"""Endpoints for sending offers: sent versions, their PDFs and personal links."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from activities.mail import recipients
from activities.mail.enums import RecipientKind
from activities.mail.forms.messages import BODY_LENGTH
from core.api.errors import ErrorSerializer
from core.api.views import VersionSerializer, VisibleViewSet
from core.documents import documents_of
from core.models import Document
from core.richtext import clean
from offers.offers.forms.sending import cover_initial
from offers.offers.models import Offer, OfferLink, OfferVersion
from offers.offers.selectors import addresses_for, links_for, versions_for
from offers.offers.services.links import LinkState, link_revoke, newest_sent, state_of
from offers.offers.services.sending import offer_mark_sent, offer_send
from offers.offers.views.sending import version_response

VIEW, DECIDE = "offers.view_offer", "offers.decide_offer"
PDF = OpenApiResponse(OpenApiTypes.BINARY, description="The PDF.")


class LinkSerializer(serializers.ModelSerializer[OfferLink]):
    """A personal link without its secret, which is only in the message to the contact."""

    state = serializers.SerializerMethodField()

    class Meta:
        model = OfferLink
        fields = (
            "id", "version", "contact", "email", "language", "state", "created_at", "expires_at", "revoked_at",
            "opened_at", "answer", "answered_at", "answer_name", "comment",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=[state.value for state in LinkState]))
    def get_state(self, link: OfferLink) -> str:
        return state_of(link, newest=self.context.get("newest")).value


class OfferVersionSerializer(serializers.ModelSerializer[OfferVersion]):
    """An offer as it was sent; `content` is everything that the customer reads of it."""

    links = LinkSerializer(many=True, read_only=True)
    content = serializers.JSONField(read_only=True)

    class Meta:
        model = OfferVersion
        fields = (
            "id", "offer", "number", "net", "vat", "valid_until", "sha256", "made_by", "made_at", "sent_at", "email",
            "links", "content",
        )  # fmt: skip
        read_only_fields = fields


class OfferSendSerializer(VersionSerializer):
    """Fields left out have the defaults of the page: the offer's contact, the default cover text."""

    to = serializers.CharField(
        max_length=60,
        required=False,
        help_text=gettext_lazy("point:<id> for an address of a contact, customer:<id> for the customer's own."),
    )
    subject = serializers.CharField(max_length=200, required=False)
    body = serializers.CharField(
        max_length=BODY_LENGTH, required=False, help_text=gettext_lazy("HTML; {link} is the personal link.")
    )
    signed = serializers.BooleanField(default=True)
    documents = serializers.PrimaryKeyRelatedField(
        queryset=Document.objects.none(),
        many=True,
        required=False,
        help_text=gettext_lazy("Documents of the offer to attach in addition to the PDF."),
    )

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        if "offer" in self.context:
            fields["documents"].child_relation.queryset = documents_of(self.context["offer"])
        return fields

    def validate_body(self, body: str) -> str:
        return clean(body)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Accept only the addresses that the page offers."""
        offer, user = self.context["offer"], self.context["request"].user
        addresses = addresses_for(offer, user)
        given = cover_initial(offer, addresses, user) | attrs
        if given["to"] not in {option.value for option in addresses}:
            message = _("Choose an address of the customer or of its contacts.")
            raise serializers.ValidationError({"to": [message]})
        [recipient] = recipients.resolve([given.pop("to")], RecipientKind.TO, user)
        return {**given, "recipient": recipient}


class MarkSentSerializer(VersionSerializer):
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class SentSerializer(serializers.ModelSerializer[Offer]):
    class Meta:
        model = Offer
        fields = ("id", "version", "status")
        read_only_fields = fields


class OfferSendingViewSet(VisibleViewSet):
    """Sending an offer, and its sent versions."""

    queryset = Offer.objects.select_related("type", "customer", "contact", "owner")
    serializer_class = OfferVersionSerializer
    filter_backends = ()
    pagination_class = None
    rule_permissions: ClassVar[dict[str, str]] = {"versions": VIEW, "send": DECIDE, "mark_sent": DECIDE}

    @extend_schema(responses={200: OfferVersionSerializer(many=True)})
    @action(detail=True, methods=["get"])
    def versions(self, request: Request, pk: str) -> Response:
        """Return the versions of the offer, newest first."""
        offer = self.get_object()
        rows = list(versions_for(self.user).filter(offer=offer))
        for version in rows:
            for link in version.links.all():
                link.version = version
        context = {**self.get_serializer_context(), "newest": newest_sent(offer)}
        return Response(OfferVersionSerializer(rows, many=True, context=context).data)

    @extend_schema(request=OfferSendSerializer, responses={201: OfferVersionSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str) -> Response:
        """Make the next version and send it by e-mail with its PDF and the recipient's personal link."""
        offer = self.get_object()
        made = offer_send(offer=offer, user=self.user, **self.content(OfferSendSerializer, context={"offer": offer}))
        row = versions_for(self.user).get(pk=made.pk)
        return Response(OfferVersionSerializer(row, context=self.get_serializer_context()).data, status=201)

    @extend_schema(request=MarkSentSerializer, responses={200: SentSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path="mark-sent")
    def mark_sent(self, request: Request, pk: str) -> Response:
        """Mark the offer as delivered by other means than e-mail."""
        offer = self.get_object()
        row = offer_mark_sent(offer=offer, user=self.user, **self.content(MarkSentSerializer))
        return Response(SentSerializer(row).data)


class FileNegotiation(DefaultContentNegotiation):
    """Ignore the media types that a client accepts for files; errors are JSON."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class OfferVersionViewSet(mixins.RetrieveModelMixin, VisibleViewSet):
    """A version of an offer as it was sent."""

    queryset = OfferVersion.objects.all()
    serializer_class = OfferVersionSerializer
    filter_backends = ()
    pagination_class = None
    content_negotiation_class = FileNegotiation
    rule_permissions: ClassVar[dict[str, str]] = {"retrieve": VIEW, "pdf": VIEW}

    def visible_rows(self) -> QuerySet[Any]:
        return versions_for(self.user)

    @extend_schema(responses={(200, "application/pdf"): PDF})
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: str) -> FileResponse:
        """Return the PDF of the version as it was sent."""
        return version_response(self.get_object())


class OfferLinkViewSet(mixins.RetrieveModelMixin, VisibleViewSet):
    """A contact's personal link to an offer."""

    queryset = OfferLink.objects.all()
    serializer_class = LinkSerializer
    filter_backends = ()
    pagination_class = None
    rule_permissions: ClassVar[dict[str, str]] = {"retrieve": VIEW, "revoke": DECIDE}

    def visible_rows(self) -> QuerySet[Any]:
        return links_for(self.user)

    def check_object_permissions(self, request: Request, obj: OfferLink) -> None:
        """Check the permissions of the offer: users who may decide the offer may revoke its links."""
        super().check_object_permissions(request, obj.version.offer)

    @extend_schema(request=None, responses={200: LinkSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Revoke the link, so that it no longer opens anything."""
        return self.answer(link_revoke(link=self.get_object()))

"""The API of contacts: the same filters, rules and services as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import VisibleRelatedField
from core.api.views import VersionedSerializer, WriteViewSet
from core.services import check_version, lock
from customers.enums import CONSENT_CHANNELS, BranchPurpose
from customers.filters import ContactFilterSet
from customers.models import ClassificationNode, Consent, Contact, ContactPoint, Customer, Position
from customers.services import contacts as services
from customers.tables import CONTACTS
from customers.validators import clean_point

FIELDS = ("first_name", "last_name", "language", "preferred_channel", "description")


class PointSerializer(serializers.ModelSerializer[ContactPoint]):
    """A phone number or e-mail address. The kind follows from the value; numbers are stored as E.164."""

    class Meta:
        model = ContactPoint
        fields = ("kind", "value", "label", "is_primary")
        read_only_fields = ("kind",)

    def validate_value(self, value: str) -> str:
        return clean_point(value)[1]


class PositionSerializer(serializers.ModelSerializer[Position]):
    """A position at a customer; ``role`` is the code of a contact role. With ``id`` an existing one is changed."""

    id = serializers.IntegerField(required=False)
    customer = VisibleRelatedField(queryset=Customer.objects.all())
    customer_name = serializers.CharField(source="customer.name", read_only=True)
    role = serializers.SlugRelatedField(
        "code",
        queryset=ClassificationNode.objects.filter(branch__purpose=BranchPurpose.CONTACT_ROLE).select_related("branch"),
        required=False,
        allow_null=True,
    )

    class Meta:
        model = Position
        fields = ("id", "customer", "customer_name", "title", "role", "area", "start", "end")
        validators: tuple[Any, ...] = ()


class ConsentSerializer(serializers.ModelSerializer[Consent]):
    channel = serializers.ChoiceField(choices=[(channel.value, channel.label) for channel in CONSENT_CHANNELS])
    given_on = serializers.DateField(required=False)

    class Meta:
        model = Consent
        fields = ("id", "channel", "is_given", "given_on", "source", "recorded_by", "recorded_at")
        read_only_fields = ("recorded_by", "recorded_at")


class ContactListSerializer(serializers.ModelSerializer[Contact]):
    """A contact in the list, with its current positions."""

    points = PointSerializer(many=True, read_only=True)
    positions = PositionSerializer(source="current_positions", many=True, read_only=True)

    class Meta:
        model = Contact
        fields = ("id", "version", *FIELDS, "points", "positions", "created_at", "updated_at")


class ContactSerializer(VersionedSerializer):
    """A contact with all its data.

    ``points`` replace the whole list; ``positions`` with an id are changed, those without are added, others stay."""

    points = PointSerializer(many=True, required=False)
    positions = PositionSerializer(many=True, required=False)
    consents = ConsentSerializer(many=True, read_only=True)

    class Meta:
        model = Contact
        fields = ("id", "version", *FIELDS, "points", "positions", "consents", "created_at", "updated_at")
        read_only_fields = ("created_at", "updated_at")

    def create(self, validated_data: dict[str, Any]) -> Contact:
        points, positions = _points(validated_data) or [], validated_data.pop("positions", [])
        validated_data.pop("version", None)
        contact = services.contact_create(contact=Contact(**validated_data), points=points)
        self._set_positions(contact, positions)
        return contact

    def update(self, instance: Contact, validated_data: dict[str, Any]) -> Contact:
        points, positions = _points(validated_data), validated_data.pop("positions", [])
        instance = lock(instance)
        check_version(instance, validated_data.pop("version", None))
        for name, value in validated_data.items():
            setattr(instance, name, value)
        services.contact_change(contact=instance, points=points)
        self._set_positions(instance, positions)
        return instance

    def _set_positions(self, contact: Contact, positions: list[dict[str, Any]]) -> None:
        visible = Position.objects.visible_to(self.context["request"].user).filter(contact=contact)
        existing = {position.pk: position for position in visible.select_related("contact", "customer")}
        for data in positions:
            pk, customer = data.pop("id", None), data.get("customer")
            if pk is None and customer:
                services.position_add(contact=contact, **data)
            elif pk in existing and customer in (None, existing[pk].customer):
                services.position_change(position=existing[pk], **data)
            else:
                message = _("Give the customer of a new position, or the id of one of the contact's positions.")
                raise ValidationError({"positions": message})


def _points(data: dict[str, Any]) -> list[services.Point] | None:
    points = data.pop("points", None)
    return None if points is None else [services.Point(**point) for point in points]


class EndSerializer(serializers.Serializer[Any]):
    end = serializers.DateField()


CHANGES = ("create", "partial_update", "consents", "positions", "end_position")


class ContactViewSet(WriteViewSet):
    """Contacts. They are never deleted: a position ends and stays in the history."""

    queryset = Contact.objects.all()
    serializer_class = ContactSerializer
    serializer_classes: ClassVar[dict[str, Any]] = {"list": ContactListSerializer}
    filterset_class = ContactFilterSet
    filters_details = False
    table = CONTACTS
    rule_permissions = {
        "list": "customers.view_contact",
        "retrieve": "customers.view_contact",
        **dict.fromkeys(CHANGES, "customers.edit_contact"),
    }

    def visible_rows(self) -> QuerySet[Any]:
        contacts = Contact.objects.visible_to(self.user)
        if self.action == "list":
            return contacts.with_current(self.user)
        positions = Position.objects.visible_to(self.user).select_related("customer", "role")
        return contacts.prefetch_related("points", "consents", Prefetch("positions", positions))

    @extend_schema(request=ConsentSerializer, responses={201: ConsentSerializer})
    @action(detail=True, methods=["post"])
    def consents(self, request: Request, pk: Any = None) -> Response:
        """Record a consent or its withdrawal; the newest of a channel is in force."""
        contact, data = self.get_object(), self.content(ConsentSerializer)
        consent = services.consent_record(contact=contact, user=self.user, **data)
        return Response(ConsentSerializer(consent).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=PositionSerializer, responses={201: PositionSerializer})
    @action(detail=True, methods=["post"])
    def positions(self, request: Request, pk: Any = None) -> Response:
        """Add a position at a customer."""
        contact, data = self.get_object(), self.content(PositionSerializer)
        data.pop("id", None)
        position = services.position_add(contact=contact, **data)
        return Response(self._position(position), status=status.HTTP_201_CREATED)

    @extend_schema(request=EndSerializer, responses=PositionSerializer)
    @action(detail=True, methods=["post"], url_path=r"positions/(?P<position>\d{1,18})/end")
    def end_position(self, request: Request, pk: Any = None, position: str = "") -> Response:
        """End a position on a day."""
        visible = Position.objects.visible_to(self.user).select_related("contact", "customer", "role")
        stored = get_object_or_404(visible, contact=self.get_object(), pk=position)
        return Response(self._position(services.position_end(position=stored, **self.content(EndSerializer))))

    def _position(self, position: Position) -> Any:
        return PositionSerializer(position, context=self.get_serializer_context()).data

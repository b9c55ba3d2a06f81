"""The API of customers and their documents: the same filters, rules and services as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.models import User
from core.api.fields import VisibleRelatedField
from core.api.views import VersionedSerializer, VisibleViewSet, WriteViewSet
from core.documents import document_add, document_remove, documents_of
from core.models import Document
from core.segments import segment_set, segments_of
from core.services import check_version, lock
from customers.enums import BranchTarget, PassiveReason
from customers.filters import CustomerFilterSet
from customers.forms.customers import CustomerForm
from customers.models import Address, ClassificationNode, Customer, CustomerNumber, Responsibility
from customers.selectors.customers import with_related
from customers.services.customers import (
    addresses_set,
    customer_change,
    customer_create,
    customer_set_active,
    customer_set_passive,
    numbers_set,
)
from customers.services.responsibilities import owner_change
from customers.tables import CUSTOMERS
from segmentation.schemes.models import Segment


class DocumentSerializer(serializers.ModelSerializer[Document]):
    url = serializers.SerializerMethodField()

    class Meta:
        model = Document
        fields = ("id", "name", "description", "media_type", "size", "uploaded_by", "uploaded_at", "url")

    def get_url(self, document: Document) -> str:
        return reverse("core:document", args=[document.pk], request=self.context.get("request"))


class UploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(max_length=255, allow_empty_file=True)
    description = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class DocumentActions(VisibleViewSet):
    """Document endpoints of a view set; its ``rule_permissions`` include ``documents_add`` and ``document_remove``."""

    @extend_schema(responses=DocumentSerializer(many=True))
    @action(detail=True, methods=["get"], url_path="documents", pagination_class=None, filter_backends=[])
    def documents(self, request: Request, pk: Any = None) -> Response:
        documents = documents_of(self.get_object())
        return Response(DocumentSerializer(documents, many=True, context=self.get_serializer_context()).data)

    @extend_schema(request={"multipart/form-data": UploadSerializer}, responses={201: DocumentSerializer})
    @documents.mapping.post
    def documents_add(self, request: Request, pk: Any = None) -> Response:
        target = self.get_object()
        data = self.content(UploadSerializer)
        document = document_add(target=target, upload=data["file"], user=self.user, description=data["description"])
        answer = DocumentSerializer(document, context=self.get_serializer_context()).data
        return Response(answer, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["delete"], url_path=r"documents/(?P<document>\d{1,18})")
    def document_remove(self, request: Request, pk: Any = None, document: str = "") -> Response:
        document_remove(get_object_or_404(documents_of(self.get_object()), pk=int(document)))
        return Response(status=status.HTTP_204_NO_CONTENT)


class AddressSerializer(serializers.ModelSerializer[Address]):
    class Meta:
        model = Address
        fields = ("kind", "street", "postal_code", "city", "country")


class NumberSerializer(serializers.ModelSerializer[CustomerNumber]):
    class Meta:
        model = CustomerNumber
        fields = ("system", "number")
        validators: tuple[Any, ...] = ()


class ResponsibilitySerializer(serializers.ModelSerializer[Responsibility]):
    name = serializers.CharField(source="user", read_only=True)

    class Meta:
        model = Responsibility
        fields = ("id", "user", "name", "role", "description", "start", "end")


class CustomerListSerializer(serializers.ModelSerializer[Customer]):
    """A customer in the list."""

    owner: Any = serializers.PrimaryKeyRelatedField(source="summary.owner", read_only=True)
    group: Any = serializers.SlugRelatedField("code", source="summary.group", read_only=True)
    segment: Any = serializers.SlugRelatedField("code", source="summary.segment", read_only=True)
    industry: Any = serializers.SlugRelatedField("code", source="summary.industry", read_only=True)
    size: Any = serializers.SlugRelatedField("code", source="summary.size", read_only=True)
    last_contact_at = serializers.DateTimeField(source="summary.last_contact_at", read_only=True)
    next_contact_at = serializers.DateTimeField(source="summary.next_contact_at", read_only=True)
    open_activities = serializers.IntegerField(source="summary.open_activities", read_only=True)
    ordered_12_months = serializers.DecimalField(
        source="summary.ordered_12_months", max_digits=14, decimal_places=2, read_only=True
    )
    open_offers = serializers.IntegerField(source="summary.open_offers", read_only=True)
    open_offers_net = serializers.DecimalField(
        source="summary.open_offers_net", max_digits=14, decimal_places=2, read_only=True
    )
    first_order_on = serializers.DateField(source="summary.first_order_on", read_only=True)
    last_order_on = serializers.DateField(source="summary.last_order_on", read_only=True)

    class Meta:
        model = Customer
        fields: tuple[str, ...] = (
            *("id", "version", "name", "business_id", "state", "municipality", "phone", "email", "personnel"),
            *("owner", "group", "segment", "industry", "size", "last_contact_at", "next_contact_at"),
            *("open_activities", "ordered_12_months", "open_offers", "open_offers_net", "first_order_on"),
            *("last_order_on", "created_at", "updated_at"),
        )


class CustomerSerializer(CustomerListSerializer, VersionedSerializer):
    """A customer with all its data. ``addresses`` and ``numbers`` replace the whole lists.

    ``set_owner`` and ``classes`` are accepted only when adding a customer; later, use the actions. A ``segment`` that
    needs approval becomes a proposal (``segment-proposals``) and stays as it was.
    """

    segment: Any = serializers.SlugRelatedField(
        "code",
        source="summary.segment",
        queryset=Segment.objects.primary().in_use(),
        required=False,
        allow_null=True,
        help_text=_("Code of the segment in the primary scheme. It cannot be emptied."),
    )
    segments = serializers.SerializerMethodField(help_text=_("The codes of the segments by the code of the scheme."))
    parent: Any = VisibleRelatedField(queryset=Customer.objects.all(), required=False, allow_null=True)
    addresses = AddressSerializer(many=True, required=False)
    numbers = NumberSerializer(many=True, required=False)
    responsibilities = ResponsibilitySerializer(many=True, read_only=True)
    classifications = serializers.SerializerMethodField()
    set_owner = serializers.PrimaryKeyRelatedField(
        queryset=User.objects.active(), required=False, allow_null=True, write_only=True
    )
    classes = serializers.PrimaryKeyRelatedField(
        queryset=ClassificationNode.objects.exclude(branch__target=BranchTarget.CONTACTS).select_related("branch"),
        many=True,
        required=False,
        write_only=True,
        help_text=_("Required when adding: at least one class of each required branch, such as the customer group."),
    )

    class Meta:
        model = Customer
        fields = (
            *CustomerListSerializer.Meta.fields,
            *(name for name in CustomerForm.Meta.fields if name not in CustomerListSerializer.Meta.fields),
            *("passive_reason", "passive_note", "passive_since", "addresses", "numbers", "responsibilities"),
            *("segments", "classifications", "set_owner", "classes"),
        )
        read_only_fields = ("state", "passive_reason", "passive_note", "passive_since", "created_at", "updated_at")

    def get_classifications(self, customer: Customer) -> list[dict[str, Any]]:
        assignments = customer.classifications.all()
        return [
            {"branch": assignment.node.branch.code, "node": assignment.node_id, "code": assignment.node.code}
            for assignment in assignments
        ]

    def get_segments(self, customer: Customer) -> dict[str, list[str]]:
        found = segments_of(customer)
        return {scheme: [segment.code for segment in segments] for scheme, segments in found.items()}

    def validate_segment(self, segment: Segment | None) -> Segment | None:
        if segment is None and self.instance and self.instance.summary.segment_id:
            text = _("A customer stays in a segment until it becomes inactive: choose another segment.")
            raise serializers.ValidationError(text)
        return segment

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Validate the model's fields, with the same messages as the form."""
        if self.instance and (late := {"set_owner", "classes"} & set(attrs)):
            raise serializers.ValidationError(dict.fromkeys(sorted(late), _("This can be given only when adding.")))
        customer = Customer(pk=self.instance.pk) if self.instance else Customer()
        customer._state.adding = self.instance is None  # else its own business ID would be another's
        names = [name for name in CustomerForm.Meta.fields if name in attrs]
        for name in names:
            setattr(customer, name, attrs[name])
        others = {field.name for field in Customer._meta.fields} - set(names)
        try:
            customer.clean_fields(exclude=others)
            customer.validate_unique(exclude=others)
            customer.validate_constraints(exclude=others)
        except ValidationError as error:
            raise serializers.ValidationError(serializers.as_serializer_error(error)) from error
        return attrs | {name: getattr(customer, name) for name in names}

    def create(self, validated_data: dict[str, Any]) -> Customer:
        parts = self._parts(validated_data)
        user = self.context["request"].user
        owner, nodes = validated_data.pop("set_owner", None), validated_data.pop("classes", [])
        segment = parts.pop("segment")
        customer = Customer(**validated_data)
        customer = customer_create(customer=customer, user=user, owner=owner, nodes=nodes, segment=segment)
        return self._set_parts(customer, parts)

    def update(self, instance: Customer, validated_data: dict[str, Any]) -> Customer:
        parts = self._parts(validated_data)
        instance = lock(instance)
        check_version(instance, parts.pop("version"))
        for name in CustomerForm.Meta.fields:
            if name in validated_data:
                setattr(instance, name, validated_data[name])
        segment = parts.pop("segment")
        if segment is not None:
            segment_set(customer=instance, segment=segment, user=self.context["request"].user)
        return self._set_parts(customer_change(customer=instance), parts)

    def _parts(self, data: dict[str, Any]) -> dict[str, Any]:
        found = {name: data.pop(name, None) for name in ("version", "addresses", "numbers")}
        return found | {"segment": data.pop("summary", {}).get("segment")}

    def _set_parts(self, customer: Customer, parts: dict[str, Any]) -> Customer:
        if parts["addresses"] is not None:
            addresses_set(customer=customer, addresses=parts["addresses"])
        if parts["numbers"] is not None:
            numbers_set(
                customer=customer, numbers=[(number["system"], number["number"]) for number in parts["numbers"]]
            )
        return customer


class PassivateSerializer(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=PassiveReason.choices)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    day = serializers.DateField(required=False, default=None, allow_null=True)


class SetOwnerSerializer(serializers.Serializer[Any]):
    user = serializers.PrimaryKeyRelatedField(queryset=User.objects.active(), label=_("New owner"))
    day = serializers.DateField(required=False, default=None, allow_null=True)
    drop_planned = serializers.BooleanField(
        required=False, default=False, help_text=_("Cancels the hand-over that is planned for that day or later.")
    )


class CustomerViewSet(DocumentActions, WriteViewSet):
    """Customers. They are never deleted: ``passivate`` deactivates one."""

    queryset = Customer.objects.all()
    serializer_class = CustomerSerializer
    serializer_classes: ClassVar[dict[str, Any]] = {"list": CustomerListSerializer}
    filterset_class = CustomerFilterSet
    filters_details = False  # one customer is found by its number whatever the state
    table = CUSTOMERS
    rule_permissions = {
        "list": "customers.view_customer",
        "retrieve": "customers.view_customer",
        "create": "customers.add_customer",
        "update": "customers.edit_customer",
        "partial_update": "customers.edit_customer",
        "passivate": "customers.set_passive",
        "activate": "customers.set_active",
        "set_owner": "customers.edit_customer",
        "documents": "customers.view_customer",
        "documents_add": "customers.attach_to_customer",
        "document_remove": "customers.attach_to_customer",
    }

    def get_queryset(self) -> Any:
        customers: Any = super().get_queryset()
        return customers.select_related("summary") if self.action == "list" else self._whole(customers)

    def reread(self, instance: Customer) -> Customer:
        """Return the customer, even if the user can no longer see it after deactivating it."""
        customer: Customer = self._whole(Customer.objects.all()).get(pk=instance.pk)
        return customer

    def paginate_queryset(self, queryset: Any) -> Any:
        customers = super().paginate_queryset(queryset)
        return with_related(customers) if customers is not None else None

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.valid(CustomerSerializer, self.get_object()).save())

    @extend_schema(request=PassivateSerializer, responses=CustomerSerializer)
    @action(detail=True, methods=["post"])
    def passivate(self, request: Request, pk: Any = None) -> Response:
        return self.answer(customer_set_passive(customer=self.get_object(), **self.content(PassivateSerializer)))

    @extend_schema(request=None, responses=CustomerSerializer)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: Any = None) -> Response:
        return self.answer(customer_set_active(customer=self.get_object()))

    @extend_schema(request=SetOwnerSerializer, responses=CustomerSerializer)
    @action(detail=True, methods=["post"])
    def set_owner(self, request: Request, pk: Any = None) -> Response:
        customer = self.get_object()
        owner_change(customer=customer, by=self.user, **self.content(SetOwnerSerializer))
        return self.answer(customer)

    def _whole(self, customers: Any) -> Any:
        responsibilities = "responsibilities__user"
        return customers.with_summary().prefetch_related(
            "addresses", "numbers", responsibilities, "classifications__node__branch"
        )

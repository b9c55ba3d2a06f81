"""Accepting an offer in the API: an endpoint beside those of the offer."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from offers.api.offers import CHANGED, OfferActionViewSet
from offers.services.acceptance import offer_accept


class AcceptSerializer(serializers.Serializer[Any]):
    actor = serializers.CharField(max_length=200, required=False, allow_blank=True, help_text=_("Who accepted."))
    comment = serializers.CharField(max_length=1_000, required=False, allow_blank=True)


class OfferAcceptanceViewSet(OfferActionViewSet):
    """Accepting an offer on behalf of the customer."""

    rule_permissions: ClassVar[dict[str, str]] = {"accept": "offers.decide_offer"}

    @extend_schema(request=AcceptSerializer, responses=CHANGED)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """The customer accepted: exactly one order is made. Its id is in `order`."""
        offer = self.get_object()
        offer_accept(offer=offer, user=self.user, **self.content(AcceptSerializer))
        return self.answer(offer)


def register(router: SimpleRouter) -> None:
    router.register("offers", OfferAcceptanceViewSet, basename="api-offer-acceptance")

"""The API of a customer's documents: list, upload (multipart ``file``, ``description``), delete."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from core.api.views import VisibleViewSet
from core.documents import document_add, document_remove, documents_of
from core.models import Document


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
        rows = documents_of(self.get_object())
        return Response(DocumentSerializer(rows, many=True, context=self.get_serializer_context()).data)

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

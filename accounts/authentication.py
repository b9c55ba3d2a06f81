"""``Authorization: Token <key>`` for the API. Only a hash of the key is stored."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accounts.enums import TokenScope
from accounts.models import ApiToken, User
from accounts.services import digest
from core import clock


class ApiTokenAuthentication(BaseAuthentication):
    keyword = "Token"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"token":
            return None
        if len(parts) != 2:
            raise AuthenticationFailed(_("The Authorization header must be: Token <key>."))
        token = ApiToken.objects.select_related("user").filter(digest=digest(parts[1].decode("latin-1"))).first()
        if token is None or not token.user.is_active:
            raise AuthenticationFailed(_("The token is not valid."))
        if token.has_expired:
            raise AuthenticationFailed(_("The token has expired."))
        if token.scope == TokenScope.READ and request.method not in SAFE_METHODS:
            raise PermissionDenied(_("The token may only read."))
        self._note_use(token)
        translation.activate(token.user.language)
        timezone.activate(zoneinfo.ZoneInfo(token.user.time_zone))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword

    @staticmethod
    def _note_use(token: ApiToken) -> None:
        """Write the time of use at most once an hour."""
        now = clock.now()
        if token.last_used_at is None or (now - token.last_used_at).total_seconds() > 3600:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


class ApiTokenScheme(OpenApiAuthenticationExtension):
    target_class = ApiTokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token <key>"}

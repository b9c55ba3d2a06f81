"""Validators of single values, shared by models, forms, serializers and imports."""

from __future__ import annotations

import re
from operator import mul
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.translation import gettext_lazy as _
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.fi import ytunnus

from core.exceptions import BusinessRuleError
from core.phones import PhoneFormField, clean_phone, show_phone
from core.text import visible
from customers.enums import ContactPointKind

if TYPE_CHECKING:
    from customers.models import Customer

__all__ = [
    "BusinessIdField",
    "PhoneField",
    "check_customer_active",
    "clean_business_id",
    "clean_email",
    "clean_phone",
    "clean_point",
    "show_phone",
]


def check_customer_active(customer: Customer | None, message: Any = "", *, field: str | None = None) -> None:
    """Raise BusinessRuleError ``customer_passive`` if the customer is passive: it accepts no new work (rule 2)."""
    if customer is not None and customer.is_passive:
        message = message or _("The customer is inactive: activate it first.")
        raise BusinessRuleError("customer_passive", message, field=field)


#: Business IDs in the stored form need no library.
_ORDINARY_ID = re.compile(r"[0-9]{7}-[0-9]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1)


def clean_business_id(text: str) -> str:
    """Return a Finnish business ID (Y-tunnus) in the form ``1234567-1``.

    Raises ``ValidationError`` if the form or the check digit is wrong.
    """
    if _ORDINARY_ID.fullmatch(text) and not sum(map(mul, map(int, text.replace("-", "")), _WEIGHTS)) % 11:
        return text
    try:
        digits = str(ytunnus.validate(visible(text).strip()))
    except StdnumError as error:
        raise ValidationError(
            _(
                "“%(value)s” is not a business ID: the check digit or the format (1234567-1) is wrong. "
                "Check it against the source."
            ),
            code="business_id",
            params={"value": text},
        ) from error
    return f"{digits[:7]}-{digits[7]}"


def clean_email(text: str) -> str:
    """Return an e-mail address in lower case. Raises ``ValidationError`` if it is invalid."""
    address = visible(text).strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        message = _("“%(value)s” is not an e-mail address.")
        raise ValidationError(message, code="email", params={"value": text}) from error
    return address


def clean_point(text: str) -> tuple[ContactPointKind, str]:
    """Return the kind and stored form of a text: with an @ an e-mail address, else a phone number."""
    if "@" in text:
        return ContactPointKind.EMAIL, clean_email(text)
    return ContactPointKind.PHONE, clean_phone(text.strip())


class CleanedCharField(models.CharField):
    """A text field that cleans its value into the stored form. Empty stays empty."""

    cleaner: Any = None
    length = 40

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", self.length)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def clean(self, value: Any, model_instance: Any) -> Any:
        return super().clean(type(self).cleaner(value) if value else value, model_instance)


class BusinessIdField(CleanedCharField):
    cleaner = staticmethod(clean_business_id)
    length = 20


class PhoneField(CleanedCharField):
    cleaner = staticmethod(clean_phone)
    length = 60

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**({"form_class": PhoneFormField} | kwargs))

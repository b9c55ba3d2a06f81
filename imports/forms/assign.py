"""The form that assigns rows to a customer."""

from __future__ import annotations

from typing import Any

from core.forms import OnceFormMixin
from customers.forms.fields import CustomerPickMixin


class AssignForm(OnceFormMixin, CustomerPickMixin):
    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prepare_customer(user)

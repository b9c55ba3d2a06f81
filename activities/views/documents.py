"""Documents of activities."""

from __future__ import annotations

from django.urls import reverse

from activities.models import Activity
from crm.document_views import DocumentAddView, DocumentRemoveView


def documents_tab(activity: Activity) -> str:
    return reverse("activities:documents", args=[activity.pk])


class ActivityDocumentAddView(DocumentAddView):
    model = Activity
    permission_required = "activities.attach_to_activity"

    def get_success_url(self) -> str:
        return documents_tab(self.object)

    get_cancel_url = get_success_url


class ActivityDocumentRemoveView(DocumentRemoveView):
    model = Activity
    permission_required = "activities.attach_to_activity"

    def get_success_url(self) -> str:
        return documents_tab(self.object)

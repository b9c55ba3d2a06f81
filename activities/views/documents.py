"""Documents of activities."""

from __future__ import annotations

from activities.models import Activity
from crm.document_views import DocumentAddView, DocumentRemoveView, DocumentsOf


class ActivityDocuments(DocumentsOf):
    model = Activity
    permission_required = "activities.attach_to_activity"
    tab_url = "activities:documents"


class ActivityDocumentAddView(ActivityDocuments, DocumentAddView):
    pass


class ActivityDocumentRemoveView(ActivityDocuments, DocumentRemoveView):
    pass

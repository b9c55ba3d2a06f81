from django.urls import URLPattern, path

from customers.views import classification

app_name = "customers"
CLASSIFICATION: list[URLPattern] = [
    path("classifications/", classification.ClassificationView.as_view(), name="classification"),
    path("classifications/branches/new/", classification.BranchAddView.as_view(), name="branch_add"),
    path("classifications/branches/<int:pk>/edit/", classification.BranchEditView.as_view(), name="branch_edit"),
    path("classifications/branches/<int:pk>/delete/", classification.BranchDeleteView.as_view(), name="branch_delete"),
    path(
        "classifications/branches/<int:pk>/history/", classification.BranchHistoryView.as_view(), name="branch_history"
    ),
    path("classifications/branches/<int:pk>/new/", classification.NodeAddView.as_view(), name="node_add"),
    path("classifications/<int:pk>/edit/", classification.NodeEditView.as_view(), name="node_edit"),
    path("classifications/<int:pk>/move/", classification.NodeMoveView.as_view(), name="node_move"),
    path("classifications/<int:pk>/shift/", classification.NodeShiftView.as_view(), name="node_shift"),
    path("classifications/<int:pk>/merge/", classification.NodeMergeView.as_view(), name="node_merge"),
    path("classifications/<int:pk>/retire/", classification.NodeRetireView.as_view(), name="node_retire"),
    path("classifications/<int:pk>/restore/", classification.NodeRestoreView.as_view(), name="node_restore"),
    path("classifications/<int:pk>/delete/", classification.NodeDeleteView.as_view(), name="node_delete"),
]

urlpatterns: list[URLPattern] = [*CLASSIFICATION]

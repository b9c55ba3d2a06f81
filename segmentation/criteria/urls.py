from django.urls import path

from segmentation.criteria.views import builder, previews, steps, suggestions, versions

app_name = "criteria"

urlpatterns = [
    path("criteria/", versions.ListView.as_view(), name="list"),
    path("criteria/new/", versions.CreateView.as_view(), name="create"),
    path("criteria/<int:pk>/", versions.DetailView.as_view(), name="detail"),
    path("criteria/<int:pk>/edit/", versions.EditView.as_view(), name="edit"),
    path("criteria/<int:pk>/delete/", versions.DeleteView.as_view(), name="delete"),
    path("criteria/<int:pk>/history/", versions.HistoryView.as_view(), name="history"),
    path("criteria/<int:pk>/counts/", versions.CountsView.as_view(), name="counts"),
    path("criteria/<int:pk>/compare/", versions.CompareView.as_view(), name="compare"),
    path("criteria/<int:pk>/send/", steps.SendView.as_view(), name="send"),
    path("criteria/<int:pk>/opinion/", steps.OpinionView.as_view(), name="opinion"),
    path("criteria/<int:pk>/review/", steps.ReviewView.as_view(), name="review"),
    path("criteria/<int:pk>/return/", steps.ReturnView.as_view(), name="return"),
    path("criteria/<int:pk>/approve/", steps.ApproveView.as_view(), name="approve"),
    path("criteria/<int:pk>/reject/", steps.RejectView.as_view(), name="reject"),
    path("criteria/<int:pk>/force/", steps.ForceView.as_view(), name="force"),
    path("criteria/<int:pk>/rules/<int:segment>/", builder.RuleView.as_view(), name="rule"),
    path("criteria/<int:pk>/rules/<int:segment>/remove/", builder.RuleRemoveView.as_view(), name="rule_remove"),
    path("criteria/<int:pk>/preview/", previews.PreviewView.as_view(), name="preview"),
    path("criteria/<int:pk>/back-test/", previews.BackTestView.as_view(), name="back_test"),
    path("suggestions/", suggestions.SuggestionListView.as_view(), name="suggestions"),
    path("customers/<int:pk>/suggestion/", suggestions.CustomerPanelView.as_view(), name="customer"),
    path(
        "customers/<int:pk>/suggestion/metrics/",
        suggestions.CustomerMetricsPanelView.as_view(),
        name="customer_metrics",
    ),
]

from django.urls import URLPattern, path

from segmentation.schemes.views import rules
from segmentation.schemes.views import schemes as views

SCHEME, SEGMENT = "schemes/<int:pk>/", "segments/<int:pk>/"
GOAL, REASON = f"{SEGMENT}goals/<int:goal>/", "schemes/reasons/<int:pk>/"
CHANGE = "schemes/rule-changes/<int:pk>/"

app_name = "schemes"
urlpatterns: list[URLPattern] = [
    path("schemes/", views.SchemeListView.as_view(), name="list"),
    path("schemes/new/", views.SchemeAddView.as_view(), name="add"),
    path("schemes/sets/", views.SchemeSetView.as_view(), name="add_set"),
    path("schemes/reasons/new/", views.ReasonAddView.as_view(), name="reason_add"),
    path(REASON, views.ReasonChangeView.as_view(), name="reason_edit"),
    path(f"{REASON}retire/", views.ReasonRetireView.as_view(), name="reason_retire"),
    path(f"{REASON}history/", views.ReasonHistoryView.as_view(), name="reason_history"),
    path(SCHEME, views.SchemeView.as_view(), name="detail"),
    path(f"{SCHEME}edit/", views.SchemeEditView.as_view(), name="edit"),
    path(f"{SCHEME}primary/", views.SchemePrimaryView.as_view(), name="primary"),
    path(f"{SCHEME}retire/", views.SchemeRetireView.as_view(), name="retire"),
    path(f"{SCHEME}delete/", views.SchemeDeleteView.as_view(), name="delete"),
    path(f"{SCHEME}history/", views.SchemeHistoryView.as_view(), name="history"),
    path(f"{SCHEME}segments/new/", views.SegmentAddView.as_view(), name="segment_add"),
    path(f"{SEGMENT}edit/", views.SegmentEditView.as_view(), name="segment_edit"),
    path(f"{CHANGE}approve/", rules.RuleChangeApproveView.as_view(), name="rules_approve"),
    path(f"{CHANGE}reject/", rules.RuleChangeRejectView.as_view(), name="rules_reject"),
    path(f"{SEGMENT}retire/", views.SegmentRetireView.as_view(), name="segment_retire"),
    path(f"{SEGMENT}delete/", views.SegmentDeleteView.as_view(), name="segment_delete"),
    path(f"{SEGMENT}up/", views.SegmentShiftView.as_view(up=True), name="segment_up"),
    path(f"{SEGMENT}down/", views.SegmentShiftView.as_view(up=False), name="segment_down"),
    path(f"{SEGMENT}goals/new/", views.GoalAddView.as_view(), name="goal_add"),
    path(f"{GOAL}edit/", views.GoalEditView.as_view(), name="goal_edit"),
    path(f"{GOAL}delete/", views.GoalDeleteView.as_view(), name="goal_delete"),
]

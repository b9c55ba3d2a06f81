from django.urls import URLPattern, path

from careplans.plans.views import changes, lists, occurrences, tab

CUSTOMER = "customers/<int:pk>/care-plan/"
ACTION = f"{CUSTOMER}actions/<slug:care_code>/"
OCCURRENCE = f"{ACTION}occurrences/<str:care_occurrence>/"
APPROVAL, EXCEPTION = "care-plans/approvals/<int:pk>/", "care-plans/exceptions/<int:pk>/"
OWN = "care-plans/actions/<int:pk>/"

app_name = "careplans"
urlpatterns: list[URLPattern] = [
    path(CUSTOMER, tab.PlanTab.as_view(), name="tab"),
    path(ACTION, tab.ActionView.as_view(), name="action"),
    path(f"{OCCURRENCE}skip/", occurrences.SkipView.as_view(), name="skip"),
    path(f"{OCCURRENCE}postpone/", occurrences.PostponeView.as_view(), name="postpone"),
    path(f"{ACTION}done/<slug:care_source>/<int:care_done>/", occurrences.CorrectView.as_view(), name="correct"),
    path(f"{CUSTOMER}exceptions/new/", changes.ExceptionRequestView.as_view(), name="exception_request"),
    path(f"{CUSTOMER}own/new/", changes.OwnActionAddView.as_view(), name="own_add"),
    path(f"{CUSTOMER}updates/new/", changes.UpdateAddView.as_view(), name="update_add"),
    path("care-plans/", lists.PlanListView.as_view(), name="list"),
    path("care-plans/approvals/", lists.ApprovalListView.as_view(), name="approvals"),
    path(f"{APPROVAL}approve/", lists.ApproveView.as_view(), name="approve"),
    path(f"{APPROVAL}reject/", lists.RejectView.as_view(), name="reject"),
    path(f"{APPROVAL}ask/", lists.AskView.as_view(), name="ask"),
    path("care-plans/exceptions/", lists.ExceptionListView.as_view(), name="exceptions"),
    path(f"{EXCEPTION}approve/", changes.ExceptionApproveView.as_view(), name="exception_approve"),
    path(f"{EXCEPTION}reject/", changes.ExceptionRejectView.as_view(), name="exception_reject"),
    path(f"{EXCEPTION}end/", changes.ExceptionEndView.as_view(), name="exception_end"),
    path("care-plans/actions/", lists.OwnActionListView.as_view(), name="own_waiting"),
    path(f"{OWN}edit/", changes.OwnActionEditView.as_view(), name="own_edit"),
    path(f"{OWN}approve/", changes.OwnActionApproveView.as_view(), name="own_approve"),
    path(f"{OWN}reject/", changes.OwnActionRejectView.as_view(), name="own_reject"),
    path(f"{OWN}end/", changes.OwnActionEndView.as_view(), name="own_end"),
    path(f"{OWN}resume/", changes.OwnActionResumeView.as_view(), name="own_resume"),
    path("care-plans/decisions/<int:pk>/undo/", occurrences.DecisionUndoView.as_view(), name="decision_undo"),
    path("care-plans/corrections/<int:pk>/undo/", occurrences.CorrectionUndoView.as_view(), name="correction_undo"),
    path("care-plans/updates/<int:pk>/remove/", changes.UpdateRemoveView.as_view(), name="update_remove"),
]

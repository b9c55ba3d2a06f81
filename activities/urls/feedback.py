from django.urls import URLPattern, path

from activities.views import feedback, feedback_tabs, leads, nps

FEEDBACK = "activities/<int:pk>/feedback/"
LEAD = "activities/<int:pk>/lead/"

urlpatterns: list[URLPattern] = [
    path("feedback/", feedback.FeedbackListView.as_view(), name="feedback"),
    path("feedback/assign/", feedback.BulkAssignView.as_view(), name="feedback_bulk_assign"),
    path(FEEDBACK, feedback.FeedbackPanel.as_view(), name="feedback_panel"),
    path(f"{FEEDBACK}answer/", feedback.AnswerView.as_view(), name="feedback_answer"),
    path(f"{FEEDBACK}assign/", feedback.AssignView.as_view(), name="feedback_assign"),
    path(f"{FEEDBACK}settle/", feedback.SettleView.as_view(), name="feedback_settle"),
    path(f"{FEEDBACK}no-answer/", feedback.NoAnswerView.as_view(), name="feedback_no_answer"),
    path("activities/<int:pk>/heard/", feedback.HeardPanel.as_view(), name="heard"),
    path("customers/<int:pk>/feedback/", feedback_tabs.CustomerFeedbackView.as_view(), name="customer_feedback"),
    path("contacts/<int:pk>/feedback/", feedback_tabs.ContactFeedbackView.as_view(), name="contact_feedback"),
    path("leads/", leads.LeadListView.as_view(), name="leads"),
    path(LEAD, leads.LeadPanel.as_view(), name="lead_panel"),
    path(f"{LEAD}take/", leads.TakeView.as_view(), name="lead_take"),
    path(f"{LEAD}give/", leads.GiveView.as_view(), name="lead_give"),
    path(f"{LEAD}return/", leads.ReturnView.as_view(), name="lead_return"),
    path(f"{LEAD}close/", leads.CloseView.as_view(), name="lead_close"),
    path(f"{LEAD}customer/", leads.ToCustomerView.as_view(), name="lead_customer"),
    path("nps/", nps.FiguresView.as_view(), name="nps"),
    path("customers/<int:pk>/ask/", nps.AskView.as_view(), name="nps_ask"),
    path("contacts/<int:pk>/ask/", nps.ContactAskView.as_view(), name="nps_ask_contact"),
    path("nps/<int:pk>/retry/", nps.RetryView.as_view(), name="nps_retry"),
    path("nps/<str:secret>/", nps.PublicAnswerView.as_view(), name="nps_answer"),
]

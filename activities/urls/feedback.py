from django.urls import URLPattern, path

from activities.views import feedback, feedback_tabs, nps

FEEDBACK = "activities/<int:pk>/feedback/"

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
    path("nps/", nps.FiguresView.as_view(), name="nps"),
    path("customers/<int:pk>/ask/", nps.AskView.as_view(), name="nps_ask"),
    path("contacts/<int:pk>/ask/", nps.ContactAskView.as_view(), name="nps_ask_contact"),
    path("nps/<int:pk>/retry/", nps.RetryView.as_view(), name="nps_retry"),
    path("nps/<str:secret>/", nps.PublicAnswerView.as_view(), name="nps_answer"),
]

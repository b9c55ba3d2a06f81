from django.urls import URLPattern, path

from activities.feedback.views import feedback, glance, nps, start, undo

FEEDBACK = "activities/<int:pk>/feedback/"

app_name = "feedback"
urlpatterns: list[URLPattern] = [
    path("customers/<int:pk>/feedback/glance/", glance.CustomerGlancePanel.as_view(), name="customer_glance"),
    path("contacts/<int:pk>/feedback/glance/", glance.ContactGlancePanel.as_view(), name="contact_glance"),
    path("start/feedback/", start.OwnFeedbackPanel.as_view(), name="start_feedback"),
    path("start/feedback/queue/", start.QueuePanel.as_view(), name="start_queue"),
    path("start/feedback/late/", start.LateFeedbackPanel.as_view(), name="start_late"),
    path("feedback/", feedback.FeedbackListView.as_view(), name="list"),
    path(FEEDBACK, feedback.FeedbackPanel.as_view(), name="panel"),
    path(f"{FEEDBACK}answer/", feedback.AnswerView.as_view(), name="answer"),
    path(f"{FEEDBACK}assign/", feedback.AssignView.as_view(), name="assign"),
    path(f"{FEEDBACK}settle/", feedback.ResolveView.as_view(), name="settle"),
    path(f"{FEEDBACK}no-answer/", feedback.NoAnswerView.as_view(), name="no_answer"),
    path(f"{FEEDBACK}undo/", undo.FeedbackUndoView.as_view(), name="undo"),
    path("activities/<int:pk>/heard/", feedback.FeedbackRecordPanel.as_view(), name="heard"),
    path("customers/<int:pk>/feedback/", feedback.CustomerFeedbackView.as_view(), name="customer_tab"),
    path("contacts/<int:pk>/feedback/", feedback.ContactFeedbackView.as_view(), name="contact_tab"),
    path("nps/", nps.FiguresView.as_view(), name="nps"),
    path("nps/answers/", nps.AnswersView.as_view(), name="nps_answers"),
    path("customers/<int:pk>/ask/", nps.AskView.as_view(), name="nps_ask"),
    path("contacts/<int:pk>/ask/", nps.ContactAskView.as_view(), name="nps_ask_contact"),
    path("nps/<int:pk>/retry/", nps.RetryView.as_view(), name="nps_retry"),
    path("nps/<str:secret>/", nps.PublicAnswerView.as_view(), name="nps_answer"),
]

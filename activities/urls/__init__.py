from activities.urls import calendar, core, feedback, ical, mail, reminders

app_name = "activities"
urlpatterns = [
    *reminders.urlpatterns,
    *core.urlpatterns,
    *calendar.urlpatterns,
    *ical.urlpatterns,
    *mail.urlpatterns,
    *feedback.urlpatterns,
]

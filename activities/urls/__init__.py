from activities.urls import calendar, core, feedback, ical, leads, mail, reminders, series

app_name = "activities"
urlpatterns = [
    *reminders.urlpatterns,
    *core.urlpatterns,
    *series.urlpatterns,
    *calendar.urlpatterns,
    *ical.urlpatterns,
    *mail.urlpatterns,
    *feedback.urlpatterns,
    *leads.urlpatterns,
]

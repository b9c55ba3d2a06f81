from activities.urls import calendar, core, feedback, ical, mail

app_name = "activities"
urlpatterns = [*core.urlpatterns, *calendar.urlpatterns, *ical.urlpatterns, *mail.urlpatterns, *feedback.urlpatterns]

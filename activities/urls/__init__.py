from activities.urls import calendar, core, feedback, mail

app_name = "activities"
urlpatterns = [*core.urlpatterns, *calendar.urlpatterns, *mail.urlpatterns, *feedback.urlpatterns]

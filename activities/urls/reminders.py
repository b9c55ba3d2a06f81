from django.urls import URLPattern, path

from activities.views import reminders

urlpatterns: list[URLPattern] = [
    path("activities/<int:pk>/reminder/", reminders.ReminderView.as_view(), name="reminder"),
    path("activities/reminders/", reminders.ReminderDefaultView.as_view(), name="reminders"),
]

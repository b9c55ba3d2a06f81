from django.urls import URLPattern, path

from activities.views import calendar, moving

CALENDAR: list[URLPattern] = [
    path("calendar/", calendar.CalendarView.as_view(), name="calendar"),
    path("calendar/events/", calendar.CalendarFeedView.as_view(), name="calendar_events"),
    path("calendar/<int:pk>/", calendar.CalendarCardView.as_view(), name="calendar_card"),
    path("calendar/<int:pk>/move/", moving.MoveView.as_view(), name="move"),
]

urlpatterns: list[URLPattern] = [*CALENDAR]

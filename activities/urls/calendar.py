from django.urls import URLPattern, path

from activities.views import calendar, hours, hours_export, moving, start, team

CALENDAR: list[URLPattern] = [
    path("calendar/", calendar.CalendarView.as_view(), name="calendar"),
    path("calendar/events/", calendar.CalendarFeedView.as_view(), name="calendar_events"),
    path("calendar/<int:pk>/", calendar.CalendarCardView.as_view(), name="calendar_card"),
    path("calendar/<int:pk>/move/", moving.MoveView.as_view(), name="move"),
    path("start/week/", start.WeekPanel.as_view(), name="start_week"),
    path("team-week/", team.TeamWeekView.as_view(), name="team_week"),
]
HOURS: list[URLPattern] = [
    path("hours/", hours.HoursView.as_view(), name="hours"),
    path("hours/copy/", hours.WeekCopyView.as_view(), name="hours_copy"),
    path("hours/copy/undo/", hours.WeekCopyUndoView.as_view(), name="hours_copy_undo"),
    path("hours/export/", hours_export.HoursExportView.as_view(), name="hours_export"),
    path("hours/<int:pk>/target/", hours.WorkTargetView.as_view(), name="work_target"),
]

urlpatterns: list[URLPattern] = [*CALENDAR, *HOURS]

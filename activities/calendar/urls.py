from django.urls import URLPattern, path

from activities.calendar.views import calendar, files, hours, hours_people, invitations, start, team

app_name = "calendar"
urlpatterns: list[URLPattern] = [
    path("calendar/", calendar.CalendarView.as_view(), name="view"),
    path("calendar/events/", calendar.CalendarFeedView.as_view(), name="events"),
    path("calendar/<int:pk>/", calendar.CalendarCardView.as_view(), name="card"),
    path("calendar/<int:pk>/move/", calendar.MoveView.as_view(), name="move"),
    path("start/week/", calendar.WeekPanel.as_view(), name="start_week"),
    path("start/hours/", start.HoursPanel.as_view(), name="start_hours"),
    path("team-week/", team.TeamWeekView.as_view(), name="team_week"),
    path("team-week/<int:pk>/", team.PersonWeekView.as_view(), name="person_week"),
    path("hours/", hours.HoursView.as_view(), name="hours"),
    path("hours/people/", hours_people.HoursPeopleView.as_view(), name="hours_people"),
    path("hours/people/<int:pk>/", hours_people.HoursPersonView.as_view(), name="hours_person"),
    path("hours/copy/", hours.WeekCopyView.as_view(), name="hours_copy"),
    path("hours/copy/undo/", hours.WeekCopyUndoView.as_view(), name="hours_copy_undo"),
    path("hours/export/", hours.HoursExportView.as_view(), name="hours_export"),
    path("hours/<int:pk>/target/", hours.WorkTargetView.as_view(), name="work_target"),
    path("activities/<int:pk>/invitations/", invitations.InvitationsPanel.as_view(), name="invitations"),
    path("activities/<int:pk>/invitations/add/", invitations.InviteView.as_view(), name="invite"),
    path("activities/<int:pk>/invitations/send/", invitations.ResendView.as_view(), name="invitations_resend"),
    path(
        "activities/<int:pk>/invitations/<int:invitation>/retry/",
        invitations.InvitationRetryView.as_view(),
        name="invitation_retry",
    ),
    path(
        "activities/<int:pk>/invitations/<int:invitation>/remove/",
        invitations.InvitationRemoveView.as_view(),
        name="invitation_remove",
    ),
    path("calendar/feed/<str:secret>.ics", files.CalendarFileView.as_view(), name="feed_file"),
    path("calendar/feeds/", files.FeedsView.as_view(), name="feeds"),
    path("calendar/feeds/add/", files.FeedAddView.as_view(), name="feed_add"),
    path("calendar/feeds/<int:pk>/revoke/", files.FeedRevokeView.as_view(), name="feed_revoke"),
    path("calendar/import/", files.CalendarImportView.as_view(), name="file_import"),
    path("calendar/import/<uuid:token>/", files.CalendarPreviewView.as_view(), name="file_preview"),
]

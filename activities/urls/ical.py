"""Invitations and what goes between calendar programs."""

from django.urls import URLPattern, path

from activities.views import ical, invitations

INVITATIONS: list[URLPattern] = [
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
]
FILES: list[URLPattern] = [
    path("calendar/feed/<str:secret>.ics", ical.CalendarFileView.as_view(), name="calendar_feed"),
    path("calendar/feeds/", ical.FeedsView.as_view(), name="feeds"),
    path("calendar/feeds/add/", ical.FeedAddView.as_view(), name="feed_add"),
    path("calendar/feeds/<int:pk>/revoke/", ical.FeedRevokeView.as_view(), name="feed_revoke"),
    path("calendar/import/", ical.CalendarImportView.as_view(), name="ical_import"),
    path("calendar/import/<uuid:token>/", ical.CalendarPreviewView.as_view(), name="ical_preview"),
]

urlpatterns: list[URLPattern] = [*INVITATIONS, *FILES]

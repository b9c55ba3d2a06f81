from django.urls import path

from accounts.views import groups, profile, start_panels, team_notes, users

app_name = "accounts"
urlpatterns = [
    path("", users.UserListView.as_view(), name="list"),
    path("options/", users.UserOptionsView.as_view(), name="options"),
    path("invite/", users.InviteView.as_view(), name="invite"),
    path("<int:pk>/", users.UserPageView.as_view(), name="detail"),
    path("<int:pk>/history/", users.UserHistoryView.as_view(), name="history"),
    path("<int:pk>/change/", users.UserEditView.as_view(), name="change"),
    path("<int:pk>/deactivate/", users.DeactivateView.as_view(), name="deactivate"),
    path("<int:pk>/reactivate/", users.ReactivateView.as_view(), name="reactivate"),
    path("<int:pk>/invitation/", users.ResendView.as_view(), name="resend"),
    path("groups/", groups.GroupListView.as_view(), name="groups"),
    path("groups/add/", groups.GroupAddView.as_view(), name="group_add"),
    path("groups/<int:pk>/", groups.GroupView.as_view(), name="group"),
    path("groups/<int:pk>/change/", groups.GroupEditView.as_view(), name="group_change"),
    path("groups/<int:pk>/delete/", groups.GroupDeleteView.as_view(), name="group_delete"),
    path("teams/", groups.TeamListView.as_view(), name="teams"),
    path("teams/add/", groups.TeamAddView.as_view(), name="team_add"),
    path("teams/<int:pk>/", groups.TeamView.as_view(), name="team"),
    path("teams/<int:pk>/change/", groups.TeamEditView.as_view(), name="team_change"),
    path("teams/<int:pk>/delete/", groups.TeamDeleteView.as_view(), name="team_delete"),
    path("teams/<int:pk>/notes/add/", team_notes.NoteAddView.as_view(), name="note_add"),
    path("team-notes/<int:pk>/change/", team_notes.NoteChangeView.as_view(), name="note_change"),
    path("team-notes/<int:pk>/undo/", team_notes.NoteUndoView.as_view(), name="note_undo"),
    path("team-notes/<int:pk>/delete/", team_notes.NoteDeleteView.as_view(), name="note_delete"),
    path("team-notes/<int:pk>/restore/", team_notes.NoteRestoreView.as_view(), name="note_restore"),
    path("team-notes/<int:pk>/history/", team_notes.NoteHistoryView.as_view(), name="note_history"),
    path("start/usage/", start_panels.UsagePanel.as_view(), name="start_usage"),
    path("profile/", profile.ProfileView.as_view(), name="profile"),
    path("profile/preferences/", profile.PreferencesView.as_view(), name="preferences"),
    path("profile/keys/add/", profile.TokenAddView.as_view(), name="token_add"),
    path("profile/keys/<int:pk>/revoke/", profile.TokenRevokeView.as_view(), name="token_revoke"),
]

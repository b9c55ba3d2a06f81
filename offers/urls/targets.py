from django.urls import URLPattern, path

from offers.views import targets

urlpatterns: list[URLPattern] = [
    path("targets/", targets.TargetsView.as_view(), name="targets"),
    path("targets/own/", targets.OwnTargetsPanel.as_view(), name="own_targets"),
    path("targets/people/<int:pk>/", targets.PersonTargetView.as_view(), name="person_target"),
    path("targets/teams/<int:pk>/", targets.TeamTargetView.as_view(), name="team_target"),
    path("targets/teams/<int:pk>/panel/", targets.TeamTargetsPanel.as_view(), name="team_targets"),
]

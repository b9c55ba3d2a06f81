from django.urls import path

from crm import arrange, help, jobs, views

app_name = "crm"
urlpatterns = [
    path("start/", views.StartView.as_view(), name="start"),
    path("start/arrange/", arrange.ArrangeView.as_view(), name="arrange"),
    path("users/groups/<int:pk>/start/", arrange.RoleArrangeView.as_view(), name="group_start"),
    path("help/", help.HelpView.as_view(), name="help"),
    path("help/of/", help.GuideOfView.as_view(), name="guide_of"),
    path("help/<slug:guide>/", help.GuideView.as_view(), name="guide"),
    path("start/first-steps/", views.FirstStepsPanel.as_view(), name="start_first_steps"),
    path("start/search/", views.SearchPanel.as_view(), name="start_search"),
    path("start/jobs/", jobs.JobsPanel.as_view(), name="start_jobs"),
    path("jobs/", jobs.JobListView.as_view(), name="jobs"),
]

from django.urls import path

from crm import arrange, jobs, views

app_name = "crm"
urlpatterns = [
    path("start/", views.StartView.as_view(), name="start"),
    path("start/arrange/", arrange.ArrangeView.as_view(), name="arrange"),
    path("users/groups/<int:pk>/start/", arrange.RoleArrangeView.as_view(), name="group_start"),
    path("start/search/", views.SearchPanel.as_view(), name="start_search"),
    path("start/jobs/", jobs.JobsPanel.as_view(), name="start_jobs"),
    path("jobs/", jobs.JobListView.as_view(), name="jobs"),
]

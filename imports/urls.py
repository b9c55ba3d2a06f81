from django.urls import path

from imports import views

app_name = "imports"
urlpatterns = [
    path("", views.RunListView.as_view(), name="list"),
    path("new/", views.NewView.as_view(), name="new"),
    path("held/", views.ReviewListView.as_view(), name="held"),
    path("mappings/", views.MappingListView.as_view(), name="mappings"),
    path("mappings/<int:pk>/", views.MappingRenameView.as_view(), name="mapping_rename"),
    path("mappings/<int:pk>/delete/", views.MappingDeleteView.as_view(), name="mapping_delete"),
    path("<int:pk>/", views.RunView.as_view(), name="detail"),
    path("<int:pk>/mapping/", views.RunMappingView.as_view(), name="mapping"),
    path("<int:pk>/check/", views.CheckView.as_view(), name="check"),
    path("<int:pk>/start/", views.StartView.as_view(), name="start"),
    path("<int:pk>/assign/", views.AssignView.as_view(), name="assign"),
    path("<int:pk>/delete/", views.DeleteView.as_view(), name="delete"),
    path("<int:pk>/fates.csv", views.RowsFileView.as_view(), name="fates"),
    path("<int:pk>/to-mend.csv", views.ProblemRowsFileView.as_view(), name="mend"),
]

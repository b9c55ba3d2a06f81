from django.urls import path

from imports.views import mappings, rows, runs, start, undo

app_name = "imports"
urlpatterns = [
    path("", runs.RunListView.as_view(), name="list"),
    path("new/", runs.NewView.as_view(), name="new"),
    path("start/", start.ImportsPanel.as_view(), name="start_imports"),
    path("held/", rows.ReviewListView.as_view(), name="held"),
    path("mappings/", mappings.MappingListView.as_view(), name="mappings"),
    path("mappings/<int:pk>/", mappings.MappingRenameView.as_view(), name="mapping_rename"),
    path("mappings/<int:pk>/delete/", mappings.MappingDeleteView.as_view(), name="mapping_delete"),
    path("<int:pk>/", runs.RunView.as_view(), name="detail"),
    path("<int:pk>/mapping/", runs.RunMappingView.as_view(), name="mapping"),
    path("<int:pk>/check/", runs.CheckView.as_view(), name="check"),
    path("<int:pk>/start/", runs.StartView.as_view(), name="start"),
    path("<int:pk>/assign/", rows.AssignView.as_view(), name="assign"),
    path("<int:pk>/undo/", undo.UndoView.as_view(), name="undo"),
    path("<int:pk>/undo/check/", undo.UndoCheckView.as_view(), name="undo_check"),
    path("<int:pk>/undo/all/", undo.UndoAllView.as_view(), name="undo_all"),
    path("<int:pk>/undo/rows/", undo.UndoRowsView.as_view(), name="undo_rows"),
    path("<int:pk>/delete/", runs.DeleteView.as_view(), name="delete"),
    path("<int:pk>/fates.csv", rows.RowsFileView.as_view(), name="fates"),
    path("<int:pk>/to-mend.csv", rows.ProblemRowsFileView.as_view(), name="mend"),
]

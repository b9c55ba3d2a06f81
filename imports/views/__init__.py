from imports.views.assign import AssignView
from imports.views.files import ProblemRowsFileView, RowsFileView
from imports.views.lists import MappingListView, ReviewListView, RunListView
from imports.views.mappings import MappingDeleteView, MappingRenameView
from imports.views.runs import CheckView, DeleteView, NewView, RunMappingView, RunView, StartView

__all__ = [
    "AssignView",
    "CheckView",
    "DeleteView",
    "MappingDeleteView",
    "MappingListView",
    "MappingRenameView",
    "NewView",
    "ProblemRowsFileView",
    "ReviewListView",
    "RowsFileView",
    "RunListView",
    "RunMappingView",
    "RunView",
    "StartView",
]

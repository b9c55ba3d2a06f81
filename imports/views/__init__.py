from imports.views.assign import AssignView
from imports.views.files import FatesView, MendView
from imports.views.lists import HeldView, MappingListView, RunListView
from imports.views.mappings import MappingDeleteView, MappingRenameView
from imports.views.runs import CheckView, DeleteView, NewView, RunMappingView, RunView, StartView

__all__ = [
    "AssignView",
    "CheckView",
    "DeleteView",
    "FatesView",
    "HeldView",
    "MappingDeleteView",
    "MappingListView",
    "MappingRenameView",
    "MendView",
    "NewView",
    "RunListView",
    "RunMappingView",
    "RunView",
    "StartView",
]

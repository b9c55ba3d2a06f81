from imports.forms.assign import AssignForm
from imports.forms.mapping import MappingForm
from imports.forms.upload import RenameForm, UploadForm

__all__ = ["AssignForm", "MappingForm", "RenameForm", "UploadForm"]

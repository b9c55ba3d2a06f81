from imports.forms.mapping import MappingForm
from imports.forms.upload import RenameForm, UploadForm

__all__ = ["MappingForm", "RenameForm", "UploadForm"]

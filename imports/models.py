from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportMapping(models.Model):
    """How the columns of one source's files become fields of one kind of row; kept per source, used again and again."""

    kind = models.CharField(_("kind"), max_length=30)
    name = models.CharField(_("name"), max_length=100)
    config = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("import mapping")
        default_permissions = ()
        permissions = (("run_imports", "May import data"),)
        constraints = (models.UniqueConstraint(fields=["kind", "name"], name="import_mapping_once"),)

    def __str__(self) -> str:
        return self.name

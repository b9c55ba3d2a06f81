"""The immutable function behind full-text search: words as written, folded; the parser leaves out tags of HTML."""

from django.db import migrations

FUNCTION = """
CREATE FUNCTION portaali_words(value text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN to_tsvector('pg_catalog.simple'::regconfig, public.portaali_fold(value));
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0002_initial")]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION portaali_words(text);")]

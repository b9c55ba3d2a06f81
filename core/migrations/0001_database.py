"""Extensions and the immutable text functions behind generated columns, indexes and full-text search."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION portaali_fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN lower(public.unaccent('public.unaccent'::regdictionary, value));

CREATE FUNCTION portaali_sort_key(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN lower(public.unaccent('public.unaccent'::regdictionary, translate(value, 'åäöÅÄÖ', '{|}{|}')));

CREATE FUNCTION portaali_name_key(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN coalesce(
    nullif(trim(regexp_replace(regexp_replace(
        ' ' || regexp_replace(public.portaali_fold(value), '[^a-z0-9]+', '  ', 'g') || ' ',
        ' (oy|oyj|ab|abp|ry|rf|ky|kb|tmi|osk|sr|ltd|limited|llc|inc|plc|corp|corporation|gmbh|ag) ', ' ', 'g'
    ), ' +', ' ', 'g')), ''),
    public.portaali_fold(value)
);
CREATE FUNCTION portaali_words(value text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
RETURN to_tsvector('pg_catalog.simple'::regconfig, public.portaali_fold(value));
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        BtreeGistExtension(),
        migrations.RunSQL(
            FUNCTIONS,
            "DROP FUNCTION portaali_words(text); DROP FUNCTION portaali_name_key(text); DROP FUNCTION portaali_sort_key(text);"
            "DROP FUNCTION portaali_fold(text);",
        ),
    ]

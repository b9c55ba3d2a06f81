from django.db import migrations

#: The domains of addresses, by which senders nobody knows are compared with customers and their contacts.
INDEXES = {
    "mail_domains_of_contacts": "customers_contactpoint (lower(split_part(value, '@', 2))) WHERE kind = 'email'",
    "mail_domains_of_customers": "customers_customer (lower(split_part(email, '@', 2))) WHERE email <> ''",
    "mail_domains_of_websites": "customers_customer "
    "(substring(lower(website) from '^(?:https?://)?(?:www[.])?([^/:?#]+)')) WHERE website <> ''",
}


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0002_view_references"),
        ("customers", "0006_short_names"),
    ]

    operations = [
        migrations.RunSQL(f"CREATE INDEX {name} ON {columns}", f"DROP INDEX {name}")
        for name, columns in INDEXES.items()
    ]

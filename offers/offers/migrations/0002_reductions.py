"""Undecided offers get the greatest reduction from the register's price, which price approval looks at."""

from django.db import migrations

RAISE = """
    UPDATE offers_offer SET max_discount = greatest.percent
    FROM (
        SELECT line.offer_id, max(ceil(
            (register.price - line.unit_price * (100 - line.discount) / 100) * 10000 / register.price
        ) / 100) AS percent
        FROM offers_offerline line
        JOIN offers_offer offer ON offer.id = line.offer_id AND offer.status IN ('open', 'sent')
        CROSS JOIN LATERAL (
            SELECT price FROM products_productprice
            WHERE product_id = line.product_id AND valid_from <= offer.date ORDER BY valid_from DESC LIMIT 1
        ) register
        WHERE register.price > 0 AND line.unit_price <> register.price
        GROUP BY line.offer_id
    ) greatest
    WHERE offers_offer.id = greatest.offer_id AND greatest.percent > offers_offer.max_discount
"""


class Migration(migrations.Migration):
    dependencies = [("offers", "0001_initial"), ("products", "0001_initial")]
    operations = [migrations.RunSQL(RAISE, migrations.RunSQL.noop)]

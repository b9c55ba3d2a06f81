"""How fast the product is, beside how fast the same rows could come: ``manage.py bench``."""

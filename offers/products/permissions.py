"""Rules of the product register."""

from __future__ import annotations

import rules

from core.permissions import granted, is_active_user

rules.add_perm("products.view_product", is_active_user)
rules.add_perm("products.edit_product", granted("products.manage_products"))

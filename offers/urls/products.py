from django.urls import URLPattern, path

from offers.forms.settings import LISTS
from offers.views import product_groups, products, settings


def _list(name: str) -> list[URLPattern]:
    """The addresses of a list of the settings: ``offers:setting_add`` and others with the list's name at the end."""
    start, given = f"offers/settings/{name}", {"list": name}
    return [
        path(f"{start}/new/", settings.SettingAddView.as_view(), given, name=f"setting_add_{name}"),
        path(f"{start}/<int:pk>/", settings.SettingChangeView.as_view(), given, name=f"setting_change_{name}"),
        path(f"{start}/<int:pk>/retire/", settings.SettingRetireView.as_view(), given, name=f"setting_retire_{name}"),
        path(
            f"{start}/<int:pk>/history/", settings.SettingHistoryView.as_view(), given, name=f"setting_history_{name}"
        ),
    ]


SETTINGS: list[URLPattern] = [
    path("offers/settings/", settings.SettingsView.as_view(), name="settings"),
    path("offers/settings/seller/", settings.SellerEditView.as_view(), name="seller"),
    path("offers/settings/seller/history/", settings.SellerHistoryView.as_view(), name="seller_history"),
    path("offers/settings/seller/logo/", settings.SellerLogoView.as_view(), name="seller_logo"),
    path("offers/settings/seller/logo/remove/", settings.SellerLogoRemoveView.as_view(), name="seller_logo_remove"),
    *(pattern for name in LISTS for pattern in _list(name)),
]

urlpatterns: list[URLPattern] = [
    path("products/", products.ProductListView.as_view(), name="products"),
    path("products/new/", products.ProductAddView.as_view(), name="product_add"),
    path("products/options/", products.ProductOptionsView.as_view(), name="product_options"),
    path("products/<int:pk>/", products.ProductPageView.as_view(), name="product"),
    path("products/<int:pk>/history/", products.ProductHistoryView.as_view(), name="product_history"),
    path("products/<int:pk>/edit/", products.ProductEditView.as_view(), name="product_edit"),
    path("products/<int:pk>/retire/", products.ProductRetireView.as_view(), name="product_retire"),
    path("products/<int:pk>/delete/", products.ProductDeleteView.as_view(), name="product_delete"),
    path("product-groups/", product_groups.GroupsView.as_view(), name="product_groups"),
    path("product-groups/new/", product_groups.GroupAddView.as_view(), name="product_group_add"),
    path("product-groups/<int:pk>/", product_groups.GroupEditView.as_view(), name="product_group_edit"),
    path("product-groups/<int:pk>/history/", product_groups.GroupHistoryView.as_view(), name="product_group_history"),
    path("product-groups/<int:pk>/move/", product_groups.GroupMoveView.as_view(), name="product_group_move"),
    path("product-groups/<int:pk>/retire/", product_groups.GroupRetireView.as_view(), name="product_group_retire"),
    path("product-groups/<int:pk>/delete/", product_groups.GroupDeleteView.as_view(), name="product_group_delete"),
    *SETTINGS,
]

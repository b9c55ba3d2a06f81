from django.urls import URLPattern, path

from offers.forms.settings import LISTS
from offers.views import settings


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


urlpatterns: list[URLPattern] = [
    path("offers/settings/", settings.SettingsView.as_view(), name="settings"),
    path("offers/settings/seller/", settings.SellerEditView.as_view(), name="seller"),
    path("offers/settings/seller/history/", settings.SellerHistoryView.as_view(), name="seller_history"),
    path("offers/settings/seller/logo/", settings.SellerLogoView.as_view(), name="seller_logo"),
    path("offers/settings/seller/logo/remove/", settings.SellerLogoRemoveView.as_view(), name="seller_logo_remove"),
    *(pattern for name in LISTS for pattern in _list(name)),
]

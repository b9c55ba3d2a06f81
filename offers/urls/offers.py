from django.urls import URLPattern, path

from offers.views import lines

LINES: list[URLPattern] = [
    path("offers/lines/products/", lines.LineProductsView.as_view(), name="line_products"),
    path("offers/lines/new/", lines.LineNewView.as_view(), name="line_new"),
]

urlpatterns = [
    *LINES,
]

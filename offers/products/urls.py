from django.urls import URLPattern, path

from offers.products.views import groups, products

app_name = "products"
urlpatterns: list[URLPattern] = [
    path("products/", products.ProductListView.as_view(), name="list"),
    path("products/new/", products.ProductAddView.as_view(), name="add"),
    path("products/options/", products.ProductOptionsView.as_view(), name="options"),
    path("products/<int:pk>/", products.ProductPageView.as_view(), name="detail"),
    path("products/<int:pk>/history/", products.ProductHistoryView.as_view(), name="history"),
    path("products/<int:pk>/edit/", products.ProductEditView.as_view(), name="edit"),
    path("products/<int:pk>/retire/", products.ProductRetireView.as_view(), name="retire"),
    path("products/<int:pk>/delete/", products.ProductDeleteView.as_view(), name="delete"),
    path("offers/lines/new/", products.LineNewView.as_view(), name="line_new"),
    path("product-groups/", groups.GroupsView.as_view(), name="groups"),
    path("product-groups/new/", groups.GroupAddView.as_view(), name="group_add"),
    path("product-groups/<int:pk>/", groups.GroupEditView.as_view(), name="group_edit"),
    path("product-groups/<int:pk>/history/", groups.GroupHistoryView.as_view(), name="group_history"),
    path("product-groups/<int:pk>/move/", groups.GroupMoveView.as_view(), name="group_move"),
    path("product-groups/<int:pk>/retire/", groups.GroupRetireView.as_view(), name="group_retire"),
    path("product-groups/<int:pk>/delete/", groups.GroupDeleteView.as_view(), name="group_delete"),
]

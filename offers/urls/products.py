from django.urls import URLPattern, path

from offers.views import lines, product_groups, products

urlpatterns: list[URLPattern] = [
    path("products/", products.ProductListView.as_view(), name="products"),
    path("products/new/", products.ProductAddView.as_view(), name="product_add"),
    path("products/options/", products.ProductOptionsView.as_view(), name="product_options"),
    path("products/<int:pk>/", products.ProductPageView.as_view(), name="product"),
    path("products/<int:pk>/history/", products.ProductHistoryView.as_view(), name="product_history"),
    path("products/<int:pk>/edit/", products.ProductEditView.as_view(), name="product_edit"),
    path("products/<int:pk>/retire/", products.ProductRetireView.as_view(), name="product_retire"),
    path("products/<int:pk>/delete/", products.ProductDeleteView.as_view(), name="product_delete"),
    path("offers/lines/new/", lines.LineNewView.as_view(), name="line_new"),
    path("product-groups/", product_groups.GroupsView.as_view(), name="product_groups"),
    path("product-groups/new/", product_groups.GroupAddView.as_view(), name="product_group_add"),
    path("product-groups/<int:pk>/", product_groups.GroupEditView.as_view(), name="product_group_edit"),
    path("product-groups/<int:pk>/history/", product_groups.GroupHistoryView.as_view(), name="product_group_history"),
    path("product-groups/<int:pk>/move/", product_groups.GroupMoveView.as_view(), name="product_group_move"),
    path("product-groups/<int:pk>/retire/", product_groups.GroupRetireView.as_view(), name="product_group_retire"),
    path("product-groups/<int:pk>/delete/", product_groups.GroupDeleteView.as_view(), name="product_group_delete"),
]

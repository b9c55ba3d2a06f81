from offers.urls import invoicing, offers, orders, pipeline, products, sending, targets

app_name = "offers"
urlpatterns = [
    *invoicing.urlpatterns,
    *offers.urlpatterns,
    *orders.urlpatterns,
    *pipeline.urlpatterns,
    *products.urlpatterns,
    *sending.urlpatterns,
    *targets.urlpatterns,
]

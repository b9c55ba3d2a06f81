from offers.urls import invoicing, offers, orders, pipeline, products, sending, settings, targets

app_name = "offers"
urlpatterns = [
    *invoicing.urlpatterns,
    *offers.urlpatterns,
    *orders.urlpatterns,
    *pipeline.urlpatterns,
    *products.urlpatterns,
    *sending.urlpatterns,
    *settings.urlpatterns,
    *targets.urlpatterns,
]

from django.urls import path

from customers.saved_views.views import actions, lists

app_name = "views"
urlpatterns = [
    path("views/", lists.SavedViewListView.as_view(), name="list"),
    path("views/new/", actions.SaveView.as_view(), name="create"),
    path("views/menu/", lists.ViewsMenu.as_view(), name="menu"),
    path("views/roles/", actions.RoleViewsView.as_view(), name="roles"),
    path("views/roles/<int:pk>/remove/", actions.RoleViewRemoveView.as_view(), name="role_remove"),
    path("views/<int:pk>/", lists.SavedViewPage.as_view(), name="detail"),
    path("views/<int:pk>/edit/", actions.EditView.as_view(), name="edit"),
    path("views/<int:pk>/update/", actions.UpdateView.as_view(), name="update"),
    path("views/<int:pk>/undo/", actions.UndoView.as_view(), name="undo"),
    path("views/<int:pk>/delete/", actions.DeleteView.as_view(), name="delete"),
    path("views/<int:pk>/restore/", actions.RestoreView.as_view(), name="restore"),
    path("views/<int:pk>/favourite/", actions.FavouriteView.as_view(), name="favourite"),
    path("views/<int:pk>/default/", actions.DefaultToggleView.as_view(), name="default"),
    path("views/<int:pk>/history/", lists.SavedViewHistory.as_view(), name="history"),
]

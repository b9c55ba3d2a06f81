"""Where products, offers and orders show on other pages, by subject."""

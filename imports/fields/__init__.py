"""The fields that columns can fill, by kind."""

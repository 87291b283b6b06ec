"""The Map page: the city, its layers, lists and cards."""

"""Names on the map: candidates from the layers, one layout, one drawing."""

"""What can lie on the map, one file per kind of layer."""

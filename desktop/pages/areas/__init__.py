"""The panel of responsibility areas beside the map, and the layers it draws."""

"""Parts of invented names, departments and placement rules of the demo city, as CSV."""

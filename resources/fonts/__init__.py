"""The bundled typeface."""

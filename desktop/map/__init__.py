"""The map: frozen layers drawn on a worker thread, composed and moved by one canvas."""

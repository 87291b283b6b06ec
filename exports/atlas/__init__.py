"""The unit grid atlas (单元网格图集) and the component base atlas (部件本底图册): planned as sheets, printed page by page.

`sheets` plans, `content` holds what is printed, `paper` is the page in millimetres, `base_map`, `lettering` and
`furniture` draw, `cover`, `contents`, `map_page` and `table_page` compose pages, `book` orders and writes them, and
`qgis` gives the same map as a GeoPackage with its styles.
"""

"""What the demo city is made of, as CSV (UTF-8). All of it is invented.

* `words.csv` — `kind, word`: parts of names. A place is a `first` and a `second` (松 + 岚), an estate adds an `estate`.
* `departments.csv` — `key, name`: who keeps components; the key is what `placement.csv` refers to.
* `placement.csv` — where things of a class stand. `name`: class names, variants separated by `|`, `*` for all others ·
  `place`: street, corner, crossing (road and rail), across (over a street), bank, bridge, facade, yard or plot ·
  `on`: kinds of street, or uses of land for facade, yard and plot · `offset_m`: from the kerb, positive on the pavement,
  negative on the carriageway · `length_m, depth_m`: size of lines and areas · `weight`: share of all components ·
  `authority, owner, maintainer`: keys of departments.
"""

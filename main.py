"""WanGrid: `python main.py` opens the desktop, `python main.py VERB …` does one thing and ends.

The command line and the desktop never meet: here, and only here, the command line is handed what the desktop alone
can do, as callables that load Qt when they are called.
"""

import sys

from cli.app import Desktop, run


def open_window(**wishes: object) -> int:
    from desktop.display import require_display

    require_display()
    from desktop.app import open_window

    return open_window(**wishes)


def draw_page(**wishes: object) -> object:
    from desktop.app import draw_page

    return draw_page(**wishes)


def check_desktop() -> list[dict[str, object]]:
    from desktop.checks import check_desktop

    return check_desktop()


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], Desktop(open_window, draw_page, check_desktop)))

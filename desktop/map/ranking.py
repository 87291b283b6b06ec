"""Which components come first when symbols compete for room: rare and public things, trees and gullies last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

Array = np.ndarray

# Parts of class names by tier; the first that fits decides. Names rather than codes: they hold across editions.
TIERS: Final[tuple[tuple[int, tuple[str, ...]], ...]] = (
    (5, ("行道树", "树池", "护树", "井盖", "雨水箅子", "沟槽盖板", "绿地", "林地")),
    (0, ("公共厕所", "公交站", "交通信号灯", "信号灯", "监控", "消防", "报警", "过街天桥", "地下通道", "古树", "文物古迹",
         "停车场", "医", "出租车", "加油")),
    (2, ("标志", "指示牌", "路名牌", "地名牌", "标识", "垃圾", "存车", "自行车", "座椅", "广告", "宣传栏", "充电")),
    (3, ("路灯", "立杆", "地灯", "景观灯", "护栏", "桩", "电力")),
)  # fmt: skip
OTHER_TIER: Final = 1


def tier_of(name: str) -> int:
    """0 is public and rare, 5 is what stands in rows by the thousand."""
    return next((tier for tier, parts in TIERS if any(part in name for part in parts)), OTHER_TIER)


def class_ranks(names: Sequence[str], counts: Array) -> Array:
    """A rank per class, 0 first: by tier, within it the rarer first."""
    tiers = np.array([tier_of(name) for name in names], dtype=np.int64)
    order = np.lexsort((np.asarray(counts), tiers))
    ranks = np.empty(len(tiers), np.int64)
    ranks[order] = np.arange(len(tiers))
    return ranks

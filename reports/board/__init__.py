"""The board pack: what a board of a unit reads before it decides, on two pages, with the lists behind them."""

from reports.board.contents import board_pack

__all__ = ["board_pack"]

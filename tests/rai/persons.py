"""Numbers of invented people with the check digits that the published rules give, worked out apart from the product's code."""

import random
from collections.abc import Callable

UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# The products of the dihedral group of the pentagon and the shuffles of Verhoeff (1969), written out.
PRODUCTS = ("0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210")  # fmt: skip
SHUFFLES = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258")  # fmt: skip


def some(draw: random.Random, n: int) -> str:
    """So many digits."""
    return "".join(draw.choice("0123456789") for _ in range(n))


def card(draw: random.Random) -> str:
    """Luhn, from the left."""
    bare = "4" + some(draw, 14)
    total = sum(int(sign) if place % 2 else int("0246813579"[int(sign)]) for place, sign in enumerate(bare))
    return bare + str(-total % 10)


def iban(draw: random.Random) -> str:
    """98 less the remainder with 00 in place of the check digits; D is 13 and E is 14."""
    account = some(draw, 18)
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


def chinese_id(draw: random.Random) -> str:
    """Weights of GB 11643 as its annex lists them."""
    bare = f"{draw.choice(('110105', '310104', '440305'))}{draw.randrange(1930, 2015)}{draw.randrange(1, 13):02d}{draw.randrange(1, 29):02d}{some(draw, 3)}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return bare + "10X98765432"[sum(int(sign) * weight for sign, weight in zip(bare, weights, strict=True)) % 11]


def aadhaar(draw: random.Random) -> str:
    """Verhoeff by his tables."""
    bare = draw.choice("23456789") + some(draw, 10)
    check = "0"
    for place, sign in enumerate(reversed(bare)):
        check = PRODUCTS[int(check)][int(SHUFFLES[(place + 1) % 8][int(sign)])]
    number = bare + str(PRODUCTS[int(check)].index("0"))
    return f"{number[:4]} {number[4:8]} {number[8:]}"


def cpf(draw: random.Random) -> str:
    """Two digits, each eleven less the remainder, ten and more being naught."""
    number = [int(sign) for sign in some(draw, 8) + "7"]
    for _turn in range(2):
        rest = 11 - sum(digit * weight for digit, weight in zip(reversed(number), range(2, 13), strict=False)) % 11
        number.append(0 if rest > 9 else rest)
    text = "".join(map(str, number))
    return f"{text[:3]}.{text[3:6]}.{text[6:9]}-{text[9:]}"


def spanish(draw: random.Random) -> str:
    """The letter at the remainder by 23."""
    number = draw.randrange(10**7, 10**8)
    return f"{number}{'TRWAGMYFPDXBNJZSQVHLCKE'[number - number // 23 * 23]}"


def german(draw: random.Random) -> str:
    """Ten digits of which one comes twice and one never, then ISO 7064. With a 1 first it might be a Chinese mobile."""
    digits = draw.sample("0123456789", 9)
    digits.append(draw.choice(digits))
    while digits[0] in "01":
        draw.shuffle(digits)
    product = 10
    for sign in digits:
        total = (int(sign) + product) % 10
        product = (2 * (total if total else 10)) % 11
    return "".join(digits) + str((11 - product) % 10)


def french(draw: random.Random) -> str:
    """97 less the remainder."""
    bare = f"{draw.choice('12')}{some(draw, 2)}{draw.randrange(1, 13):02d}{draw.randrange(1, 96):02d}{some(draw, 6)}"
    return f"{bare}{97 - int(bare) % 97:02d}"


def singapore(draw: random.Random) -> str:
    """The letter at eleven less the remainder less one."""
    bare = some(draw, 7)
    rest = sum(int(sign) * weight for sign, weight in zip(bare, (2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
    return f"S{bare}{'ABCDEFGHIZJ'[10 - rest]}"


def taiwanese(draw: random.Random) -> str:
    """A is 10: 1 at weight 1 and 0 at weight 9."""
    bare = draw.choice("12") + some(draw, 7)
    total = 1 + sum(int(sign) * weight for sign, weight in zip(bare, range(8, 0, -1), strict=True))
    return f"A{bare}{-total % 10}"


def hong_kong(draw: random.Random) -> str:
    """One letter: a blank before it counts 36."""
    letter, bare = draw.choice(UPPER), some(draw, 6)
    total = 36 * 9 + (UPPER.index(letter) + 10) * 8 + sum(int(sign) * weight for sign, weight in zip(bare, range(7, 1, -1), strict=True))  # fmt: skip
    return f"{letter}{bare}({'0123456789A'[-total % 11]})"


CHECKED: dict[str, Callable[[random.Random], str]] = {
    "card": card, "iban": iban, "national_id_cn": chinese_id, "national_id_in": aadhaar, "national_id_br": cpf,
    "national_id_es": spanish, "national_id_de": german, "national_id_fr": french, "national_id_sg": singapore,
    "national_id_tw": taiwanese, "national_id_hk": hong_kong,
}  # fmt: skip
# Where the last check sign stands, from the end, and what may stand there.
CHECK_SIGN = {"national_id_hk": (-2, "0123456789A"), "national_id_cn": (-1, "0123456789X"), "national_id_es": (-1, UPPER), "national_id_sg": (-1, UPPER)}  # fmt: skip


def others(kind: str, text: str) -> list[str]:
    """The same number with every other sign in place of its check sign."""
    place, signs = CHECK_SIGN.get(kind, (-1, "0123456789"))
    at = len(text) + place
    return [text[:at] + sign + text[at + 1 :] for sign in signs if sign != text[at]]

"""What a match must pass before it counts: check digits, ranges and dates, by the name that the rules give."""

import ipaddress
import re
from collections.abc import Callable, Sequence
from datetime import date

from rai.engine.personal.rules import rules

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PROVINCES = {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83}  # fmt: skip
CHINESE_MOBILE = re.compile(r"13\d|14[014-9]|15[0-35-9]|16[2567]|17[0-8]|18\d|19[0-35-9]")
TAIWAN = dict(zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True))
ODD_DIGITS = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21)
ODD_LETTERS = (*ODD_DIGITS, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
ITALIAN_ODD = dict(zip("0123456789" + LETTERS, (*ODD_DIGITS, *ODD_LETTERS), strict=True))
VERHOEFF = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
NOT_NINO = {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}
ADVERTISED_SSN = {"078051120", "219099999"}


def digits(text: str) -> str:
    """The digits of a text."""
    return "".join(filter(str.isdigit, text))


def numbers(text: str) -> list[int]:
    """The digits as numbers."""
    return [int(sign) for sign in digits(text)]


def weighted(values: Sequence[int], weights: Sequence[int]) -> int:
    """The sum of products."""
    return sum(value * weight for value, weight in zip(values, weights, strict=True))


def is_date(year: int, month: int, day: int) -> bool:
    """The day exists and somebody living may have been born on it."""
    try:
        return 1880 <= date(year, month, day).year <= 2100
    except ValueError:
        return False


def email(text: str) -> bool:
    """No empty part, and an end that is no number."""
    local, _at, host = text.partition("@")
    parts = host.split(".")
    fair = not local.startswith(".") and not local.endswith(".") and ".." not in local
    return fair and not parts[-1].isdigit() and not any(part.startswith("-") or part.endswith("-") for part in parts)


def international_phone(text: str) -> bool:
    """A calling code of ITU E.164 and 7 to 15 digits in all."""
    number = digits(text)
    number = number if text.startswith("+") else number[2:]
    return 7 <= len(number) <= 15 and any(number[:size] in rules().calling_codes for size in (1, 2, 3))


def chinese_mobile(text: str) -> bool:
    """Eleven digits that begin with a prefix which is given out."""
    return bool(CHINESE_MOBILE.match(digits(text)[-11:]))


def north_american_phone(text: str) -> bool:
    """No area and no exchange is a service number such as 911."""
    number = digits(text)[-10:]
    return number[1:3] != "11" and number[4:6] != "11"


def iban(text: str) -> bool:
    """ISO 13616: the length of the country, and 1 as the remainder by 97."""
    code = text.replace(" ", "").upper()
    if rules().iban_lengths.get(code[:2]) != len(code):
        return False
    return int("".join(str(int(sign, 36)) for sign in code[4:] + code[:4])) % 97 == 1


def payment_card(text: str) -> bool:
    """First digits and length of a brand, and Luhn's check digit (ISO/IEC 7812)."""
    number = digits(text)
    known = any(
        low <= int(number[: len(str(low))]) <= high and len(number) in lengths
        for low, high, lengths in rules().card_brands
    )
    return known and len(set(number)) > 1 and luhn(number)


def luhn(number: str) -> bool:
    """Every second digit from the right doubled, cross sums taken, the sum a multiple of ten."""
    values = [int(sign) for sign in reversed(number)]
    return (sum(values[::2]) + sum(sum(divmod(2 * value, 10)) for value in values[1::2])) % 10 == 0


def internet_address(text: str) -> bool:
    """An address that can be somebody's: not of a machine itself, of nobody or of many."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return False
    if found.version == 6 and sum(map(bool, text.split(":"))) < 3:
        return False
    return not (found.is_unspecified or found.is_loopback or found.is_multicast or text.startswith(("0.", "255.")))


def chinese_resident_id(text: str) -> bool:
    """GB 11643: a province, a date of birth, and ISO 7064 MOD 11-2 over seventeen digits."""
    if int(text[:2]) not in PROVINCES or not is_date(int(text[6:10]), int(text[10:12]), int(text[12:14])):
        return False
    return "10X98765432"[weighted(numbers(text[:17]), [2 ** (17 - place) % 11 for place in range(17)]) % 11] == text[17].upper()  # fmt: skip


def hong_kong_id(text: str) -> bool:
    """Letters from 10 on (a missing first one 36), weights 9 to 1, a multiple of eleven."""
    code = text.replace("(", "").replace(")", "").upper().rjust(9)
    values = [36 if sign == " " else int(sign, 36) for sign in code]
    return weighted(values, range(9, 0, -1)) % 11 == 0


def taiwan_id(text: str) -> bool:
    """The letter as two digits, weights 1 and 9 to 1, a multiple of ten."""
    values = [*divmod(TAIWAN[text[0].upper()], 10), *numbers(text)]
    return weighted(values, [1, *range(9, 0, -1), 1]) % 10 == 0


def us_social_security(text: str) -> bool:
    """Area, group and serial that can be given out (SSA), and none of the numbers of advertisements."""
    area, group, serial = text.split("-")
    fair = area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"
    return fair and digits(text) not in ADVERTISED_SSN


def uk_national_insurance(text: str) -> bool:
    """Letters that are given out (HMRC NIM39110)."""
    code = text[:2].upper()
    return code[0] not in "DFIQUV" and code[1] not in "DFIOQUV" and code not in NOT_NINO


def spanish_id(text: str) -> bool:
    """DNI and NIE: the letter of the remainder by 23."""
    code = text.replace("-", "").upper()
    number = int(code[:-1].translate(str.maketrans("XYZ", "012")))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == code[-1]


def french_social_security(text: str) -> bool:
    """NIR: a month, and 97 less the remainder by 97 as key; 2A and 2B of Corsica count as 19 and 18."""
    code = text.replace(" ", "").upper()
    month = int(code[3:5])
    number = code[:13].replace("A", "9").replace("B", "8")
    number = number if code[6] not in "AB" else code[:5] + {"A": "19", "B": "18"}[code[6]] + code[7:13]
    return (1 <= month <= 12 or 20 <= month <= 42 or month >= 50) and 97 - int(number) % 97 == int(code[13:])


def italian_tax_code(text: str) -> bool:
    """Odd places by their table, even ones by rank; the letter of the remainder by 26."""
    code = text.upper()
    odd = sum(ITALIAN_ODD[sign] for sign in code[0:15:2])
    even = sum(int(sign) if sign.isdigit() else LETTERS.index(sign) for sign in code[1:15:2])
    return LETTERS[(odd + even) % 26] == code[15]


def german_tax_id(text: str) -> bool:
    """One digit of the first ten stands there two or three times, all others at most once; ISO 7064 MOD 11,10."""
    number = numbers(text)
    often = sorted(number[:10].count(digit) for digit in set(number[:10]))
    if often[-1] not in (2, 3) or (len(often) > 1 and often[-2] > 1):
        return False
    product = 10
    for digit in number[:10]:
        product = ((digit + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == number[10]


def aadhaar(text: str) -> bool:
    """Verhoeff's check digit: products in the group of the pentagon, digits shuffled by place."""
    check = 0
    for place, digit in enumerate(reversed(numbers(text))):
        for _turn in range(place % 8):
            digit = VERHOEFF[digit]
        check = dihedral(check, digit)
    return check == 0


def dihedral(one: int, other: int) -> int:
    """The product of two elements of D5, 0 to 4 being turns and 5 to 9 mirrored."""
    turned = (one % 5 - other % 5 if one > 4 else one % 5 + other % 5) % 5
    return turned + (5 if (one > 4) != (other > 4) else 0)


def brazilian_cpf(text: str) -> bool:
    """Two check digits by falling weights, eleven less the remainder."""
    number = numbers(text)
    first, second = (weighted(number[:size], range(size + 1, 1, -1)) * 10 % 11 % 10 for size in (9, 10))
    return len(set(number)) > 1 and [first, second] == number[9:]


def singapore_id(text: str) -> bool:
    """NRIC and FIN: weights 2 7 6 5 4 3 2, four more for the new century, a letter by the remainder by 11."""
    code = text.upper()
    rest = (weighted(numbers(code), (2, 7, 6, 5, 4, 3, 2)) + (4 if code[0] in "TG" else 0)) % 11
    return ("JZIHGFEDCBA" if code[0] in "ST" else "XWUTRQPNMLK")[rest] == code[8]


def calendar_date(text: str) -> bool:
    """A date that exists, the year first or last."""
    return year_of(text) is not None


def year_of(text: str) -> int | None:
    """The year of a date, with day and month either way round; None where there is no such day."""
    one, two, three = (int(part) for part in re.findall(r"\d+", text)[:3])
    ways = [(one, two, three)] if one > 31 else [(three, two, one), (three, one, two)]
    return next((year for year, month, day in ways if is_date(year, month, day)), None)


VALIDATORS: dict[str, Callable[[str], bool]] = {
    found.__name__: found
    for found in (
        email, international_phone, chinese_mobile, north_american_phone, iban, payment_card, internet_address,
        chinese_resident_id, hong_kong_id, taiwan_id, us_social_security, uk_national_insurance, spanish_id,
        french_social_security, italian_tax_code, german_tax_id, aadhaar, brazilian_cpf, singapore_id, calendar_date,
    )
}  # fmt: skip

"""Provider codes: those of real services pass, a slip of one character does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genlabel import LabelError
from genlabel._provider_code import (
    _USCC_ALPHABET,
    check_provider_code,
    is_provider_code,
    uscc_check_character,
)

# Found in files and documents of the services themselves.
REAL = {
    "Doubao": "001191110102MACQD9K64010000",
    "Jimeng, producer": "00119144030008867405X210001",
    "Jimeng, propagator": "00119144030008867405X220001",
    "Tencent, 1": "001191440300708461136T1XGW3",
    "Tencent, 2": "001191440300708461136T1308L",
    "Wan": "001191330106MA2CFLDG4R10001",
    "StepFun": "001191310104MACE0YX63918020",
    "Honor": "001191440300MA5G49LC9K1YO01",
}
CREDIT_CODES = [
    "91110108335469089C",
    "91440101MA9Y9T4H7A",
    "91110000802100433B",
    "91110108MACC4D63XF",
    "91110105MACJ6K1C8A",
    "91340100MAEB4N8H76",
]


@pytest.mark.parametrize("code", REAL.values(), ids=REAL)
def test_real_codes_pass(code: str) -> None:
    assert is_provider_code(code)
    check_provider_code(code, field="producer")


@pytest.mark.parametrize("credit_code", CREDIT_CODES)
def test_real_credit_codes_end_in_their_check_character(credit_code: str) -> None:
    assert uscc_check_character(credit_code[:17]) == credit_code[17]


@given(
    st.sampled_from(sorted(REAL.values())),
    st.integers(4, 21),
    st.sampled_from(sorted(_USCC_ALPHABET)),
)
def test_any_single_wrong_character_is_caught(code: str, place: int, character: str) -> None:
    if code[place] == character:
        return
    with pytest.raises(LabelError):
        check_provider_code(code[:place] + character + code[place + 1 :], field="producer")


@pytest.mark.parametrize("text", ["doubao", "MiniMax", "00119111", "0" * 27, "001" + "a" * 24])
def test_names_are_no_codes(text: str) -> None:
    assert not is_provider_code(text)


def test_a_letter_no_credit_code_has_is_named() -> None:
    with pytest.raises(LabelError, match="holds a character"):
        check_provider_code("0011" + "9111010233546908IC"[:18] + "10000", field="producer")


def test_an_unknown_service_type_is_refused() -> None:
    with pytest.raises(LabelError, match="service type '7'"):
        check_provider_code("001191110102MACQD9K64070000", field="producer")


def test_other_bindings_than_the_credit_code_are_left_alone() -> None:
    check_provider_code("0012" + "X" * 23, field="producer")

"""Messages that name settings: Python's words as text, other words for other faces."""

from __future__ import annotations

import pickle

import pytest

from genlabel import Label, LabelError, Marker, MediaError, UnsupportedError
from genlabel._message import Message, Option, spoken
from genlabel.audio import AudibleLabel
from genlabel.text import TextLabel
from genlabel.visible import VisibleLabel


def _shout(option: Option) -> str:
    return option.name.upper()


def test_a_message_is_python_as_text_and_in_other_words_for_another_face() -> None:
    inner = Message("choose ", Option("visible", "auto"))
    message = Message("{either} ", inner, " or ", Option("Encoding.sound", False))
    assert message == "{either} choose visible='auto' or sound=False"
    assert spoken(message, _shout) == "{either} choose VISIBLE or ENCODING.SOUND"
    assert spoken("as it is", _shout) == "as it is"


def test_a_message_comes_back_from_a_worker_as_it_was() -> None:
    message = Message("{0} ", Option("keep_going", True), "%s")
    again = pickle.loads(pickle.dumps(message))
    assert (again, again.parts) == (message, message.parts)
    with pytest.raises(LabelError) as raised:
        Label("acme", system="\0", source_type="x")
    error = pickle.loads(pickle.dumps(raised.value))
    assert spoken(error.reason, _shout).startswith("LABEL.SOURCE_TYPE 'x' is no")


def test_what_is_out_of_range_is_named_as_the_caller_named_it(key) -> None:
    with pytest.raises(UnsupportedError, match=r"^strength is 0.25 to 4.0, not 9$"):
        Marker(key, strength=9)
    with pytest.raises(LabelError, match=r"^produce_id is empty"):
        Label("acme", produce_id="")


@pytest.mark.parametrize(
    "visible",
    [
        VisibleLabel(font="missing"),
        VisibleLabel(icon="missing"),
        TextLabel(font="missing"),
        AudibleLabel(cue="missing"),
        ("auto", AudibleLabel(cue="missing")),
        (VisibleLabel(icon="missing"), "rhythm"),
    ],
)
def test_a_label_of_files_that_are_not_there_is_refused_with_the_settings(key, visible) -> None:
    with pytest.raises(MediaError, match="^missing: cannot be read: No such file"):
        Marker(key, visible=visible)

import gettext
import io
import struct

import pytest

from capflow_gui.present.language import texts as language
from capflow_gui.present.language.texts import N_, _, full_stop, listed, ngettext, pgettext, said_together


def catalogue(texts: dict[str, str]) -> gettext.GNUTranslations:
    """A compiled catalogue (.mo: a header, two tables of lengths and offsets, the texts) of these texts."""
    texts = {"": "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=1; plural=0;\n"} | texts
    pairs = sorted((key.encode(), value.encode()) for key, value in texts.items())
    keys, values, body = [], [], b""
    start = 28 + 16 * len(pairs)
    for table, index in ((keys, 0), (values, 1)):
        for pair in pairs:
            table += [len(pair[index]), start + len(body)]
            body += pair[index] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    return gettext.GNUTranslations(io.BytesIO(head + struct.pack(f"<{4 * len(pairs)}I", *keys, *values) + body))


SEPARATORS = {"between the items of a list\x04, ": "、", "between the parts of a sentence\x04, ": "，"}


@pytest.fixture
def chinese():
    language.use(
        catalogue({"Net": "净流入", "row\0rows": "行", "axis\x04Net": "净", "{words}.": "{words}。", **SEPARATORS})
    )
    yield
    language.use(gettext.NullTranslations())


def test_english_until_another_language_is_chosen():
    assert (_("Net"), ngettext("row", "rows", 1), ngettext("row", "rows", 2)) == ("Net", "row", "rows")
    assert pgettext("axis", "Net") == "Net"


@pytest.mark.usefixtures("chinese")
def test_texts_are_those_of_the_language_in_use_and_english_where_it_has_none():
    assert (_("Net"), _("Age"), pgettext("axis", "Net")) == ("净流入", "Age", "净")
    assert (ngettext("row", "rows", 1), ngettext("row", "rows", 2)) == ("行", "行")


@pytest.mark.usefixtures("chinese")
def test_a_marked_text_stays_as_it_is_until_it_is_looked_up():
    assert N_("Net") == "Net"
    assert _(N_("Net")) == "净流入"


def test_lists_and_parts_of_a_sentence_are_joined_as_english_joins_them():
    assert (listed(["700.HK", "5.HK"]), said_together(["stale", "one gap"])) == ("700.HK, 5.HK", "stale, one gap")
    assert listed([]) == ""


@pytest.mark.usefixtures("chinese")
def test_another_language_has_its_own_signs_between_items_and_between_parts():
    assert (listed(["700.HK", "5.HK"]), said_together(["行", "净"])) == ("700.HK、5.HK", "行，净")


def test_a_sentence_ends_once():
    assert [full_stop(text) for text in ("Net", "Net.", "Net?", "净。")] == ["Net.", "Net.", "Net?", "净。"]


@pytest.mark.usefixtures("chinese")
def test_another_language_has_a_full_stop_of_its_own():
    assert [full_stop(text) for text in ("行", "行。", "行？")] == ["行。", "行。", "行？"]

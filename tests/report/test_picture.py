"""The sheet: places in inches, text that fits, bytes that repeat and don't hang on the user's settings."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import matplotlib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from striate.report.picture import Picture, measure_width, shorten_text, styled, wrap_text

WORDS = st.lists(st.sampled_from(["a", "net", "with", "many", "convolutions", "WWW", "ill", "3x3"]), max_size=9)


def save(form: str, picture: Picture) -> bytes:
    target = BytesIO()
    picture.savefig(target, format=form)
    return target.getvalue()


def make_picture() -> Picture:
    picture = Picture(3.0, 2.0)
    axes = picture.place(0.5, 0.25, 2.0, 1.0)
    axes.plot([0, 1], [1, 0])
    picture.write(0.5, 0.1, "a $name_1$ & <one>\nsecond line")
    return picture


def test_places_are_inches_of_the_sheet() -> None:
    picture = make_picture()
    picture.set_dpi(100)
    box = picture.axes[0].get_window_extent()
    assert (box.x0, box.y0, box.width, box.height) == pytest.approx((50, 25, 200, 100))
    (text,) = picture.texts
    left, top = picture.transFigure.transform(text.get_position())
    assert (left, 200 - top) == pytest.approx((50, 10))


def test_shared_axes_have_one_vertical_scale() -> None:
    picture = make_picture()
    other = picture.place(2.6, 0.25, 0.3, 1.0, share=picture.axes[0])
    other.set_ylim(0, 7)
    assert picture.axes[0].get_ylim() == (0, 7)
    assert not any(label.get_visible() and label.get_text() for label in other.get_yticklabels())


@pytest.mark.parametrize("form", ["svg", "pdf", "png"])
def test_the_same_picture_gives_the_same_bytes_whatever_the_user_has_set(form: str) -> None:
    first, made = save(form, make_picture()), make_picture()
    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "path", "svg.hashsalt": None, "pdf.fonttype": 3}):
        assert save(form, made) == first
    assert (b"<text" in first) == (form == "svg")


def test_text_stays_text_as_it_was_written() -> None:
    drawn = save("svg", make_picture()).decode()
    for line in ("a $name_1$ &amp; &lt;one&gt;", "second line"):
        assert line in drawn


@pytest.mark.parametrize("form", ["svg", "pdf", "png"])
def test_the_form_is_read_from_the_name_and_the_file_says_who_drew_it(form: str, tmp_path: Path) -> None:
    for name in (tmp_path / f"one.{form}", str(tmp_path / f"two.{form}")):
        make_picture().savefig(name)
        content = Path(name).read_bytes()
        assert b"drawn by Striate" in content
        assert content == save(form, make_picture())


def test_the_users_settings_come_back() -> None:
    before = dict(matplotlib.rcParams)
    with styled():
        assert matplotlib.rcParams["svg.hashsalt"] == "striate"
        assert dict(matplotlib.rcParams) != before
    assert dict(matplotlib.rcParams) == before
    with pytest.raises(ZeroDivisionError), styled():
        raise ZeroDivisionError
    assert dict(matplotlib.rcParams) == before


def test_the_widest_line_counts_and_grows_with_the_letters() -> None:
    assert measure_width("ill\nWWWW\n-", 8) == measure_width("WWWW", 8) > measure_width("ill", 8)
    assert measure_width("WWWW", 16) == pytest.approx(2 * measure_width("WWWW", 8), rel=0.05)
    assert measure_width("", 8) == 0


@settings(max_examples=30)
@given(WORDS, st.floats(0.2, 3.0))
def test_lines_keep_all_words_and_none_could_be_longer(words: list[str], width: float) -> None:
    lines = wrap_text("  ".join(words), width, 8)
    assert " ".join(lines).split() == words
    for line, following in zip(lines, [*lines[1:], None][: len(lines)], strict=True):
        assert measure_width(line, 8) <= width or " " not in line
        if following is not None:
            assert measure_width(f"{line} {following.split()[0]}", 8) > width


@settings(max_examples=30)
@given(st.text(st.sampled_from("aWil .-3"), max_size=25), st.floats(0.1, 1.0))
def test_a_text_is_cut_as_late_as_it_may_be(text: str, width: float) -> None:
    found = shorten_text(text, width, 8)
    if measure_width(text, 8) <= width:
        assert found == text
        return
    longest = max((n for n in range(1, len(text)) if measure_width(f"{text[:n]}…", 8) <= width), default=0)
    assert found == f"{text[:longest].rstrip()}…"

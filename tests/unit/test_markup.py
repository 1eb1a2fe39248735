"""A designer's text becomes HTML; a record's values never do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meanwhile.expressions import Namespace, compile_template
from meanwhile.pages.markup import is_safe, markup


def render(source: str, **values: object) -> str:
    return str(markup(compile_template(source), {"record": Namespace(values.get, set(values))}))


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("Hello", "<p>Hello</p>"),
        ("One\n\nTwo", "<p>One</p><p>Two</p>"),
        ("One\nTwo", "<p>One<br>Two</p>"),
        ("**bold** and *leaning*", "<p><strong>bold</strong> and <em>leaning</em></p>"),
        ("**bold *and* more**", "<p><strong>bold <em>and</em> more</strong></p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("Before\n- a\nAfter", "<p>Before</p><ul><li>a</li></ul><p>After</p>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("## Head\nText", "<h2>Head</h2><p>Text</p>"),
        ("[us](https://example.org/a?b=1&c=2)", '<p><a href="https://example.org/a?b=1&amp;c=2">us</a></p>'),
        ("[**us**](/here/)", '<p><a href="/here/"><strong>us</strong></a></p>'),
        (r"2 \* 3 \* 4", "<p>2 * 3 * 4</p>"),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
        ("<b>&</b>", "<p>&lt;b&gt;&amp;&lt;/b&gt;</p>"),
        ("", ""),
    ],
)
def test_the_small_subset_of_markdown_becomes_html(source: str, html: str) -> None:
    assert render(source) == html


def test_a_placeholder_may_hold_the_signs_of_markup() -> None:
    assert render("{{ record.a * record.b * 2 }} *x*", a=2, b=3) == "<p>12 <em>x</em></p>"


def test_lines_of_a_value_stay_lines() -> None:
    assert render("{{ record.remark }}", remark="one\ntwo") == "<p>one<br>two</p>"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "//e", "/\\e", ""])
def test_a_link_to_nowhere_good_is_just_its_words(address: str) -> None:
    assert render("[here]({{ record.web }})", web=address) == "<p>here</p>"


@pytest.mark.parametrize("address", ["https://a.example", "mailto:a@b.example", "/pages/x/", "#part", "?a=1", "page/"])
def test_the_web_mail_and_this_site_are_good_addresses(address: str) -> None:
    assert is_safe(address)


@given(st.text(alphabet="<>&\"'*[]()#-\\{}\ue000\ue001 ab1.:/\n", max_size=40))
def test_no_value_becomes_markup(value: str) -> None:
    plain = render("**{{ record.name }}** [x](/a/)\n- {{ record.name }}", name=value)
    shell = render("**{{ record.name }}** [x](/a/)\n- {{ record.name }}", name="")
    tags = plain.replace("<br>", "")
    assert tags.count("<") == shell.count("<")
    assert tags.count(">") == shell.count(">")


@given(st.text(alphabet="<>&\"'*[]()#-\\ ab1.:/\n", max_size=60))
def test_any_text_of_a_designer_renders_balanced(source: str) -> None:
    html = render(source)
    for tag in ("p", "ul", "ol", "li", "strong", "em", "a", "h2"):
        assert html.count(f"<{tag}>") + html.count(f"<{tag} ") == html.count(f"</{tag}>")

"""Markdown of sites' generators and HTML within it: what people see, and no markup in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.loaders import load
from kb.loaders.pandoc.raw import with_elements
from kb.types import Document


def read(tmp_path: Path, text: str, name: str = "a.md") -> Document:
    (tmp_path / name).write_text(text)
    return load(tmp_path / name)


def texts(tmp_path: Path, text: str) -> list[str]:
    return [block.text for block in read(tmp_path, text).blocks]


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        (
            '{% alert "Heads up!", "warning" %}\n  Lock the door.\n{% endalert %}',
            ["Heads up!", "Lock the door."],
        ),
        (
            '{{< box title="In short" >}}\n### Keys\nTwo keys.\n{{< /box >}}',
            ["In short", "Keys", "Two keys."],
        ),
        ("  {{< row >}}\n    {{< do >}} Ask [us](#). {{< /do >}}\n  {{< /row >}}", ["Ask us."]),
        ("{{% note %}}Bring **a** key.{{% /note %}}", ["Bring a key."]),
        ('Ask in {% channel "keys" %} or {% channel "x" "the desk" %}.', ["Ask in keys or the desk."]),
        (
            'See [the shop]({{< ref "shop.md" >}} "Shop") and [us]({% page "/us/" %}).',
            ["See the shop and us."],
        ),
        ('<a href="{{ site.url }}/x">Here</a>, {% include "a.html" %}', ["Here,"]),
        ("A key costs {{ site.fee }} coins.\n\n{{ content }}", ["A key costs […] coins."]),
        (
            '{{< img src="door.png" alt="A door" >}}\n\n{% image "key.png" "A key" %}',
            ["[image: A door]", "[image: A key]"],
        ),
        ("Shown.{% comment %} TODO {% endcomment %}<!-- {% x %} -->{{/* no */}}", ["Shown."]),
        ("{% if page.lang == 'en' %}English.{% endif %}", ["English."]),
        (
            "## Keys {#keys .big}\n{: .no_toc}\n\n1. TOC\n{:toc}\n\n[Go](#){:.btn} there.{: .lead}",
            ["Keys", "Go there."],
        ),
        ('!!! tip "Spare keys"\n    Keep **two**.\n\nThen go.', ["Spare keys", "Keep two.", "Then go."]),
        ("> [!WARNING]\n> Mind the step.", ["Mind the step."]),
        (":::tip Spare keys\nKeep two.\n:::\n\n::: {.x}\nIn it.\n:::", ["Spare keys", "Keep two.", "In it."]),
        ("Two doors:\n| Door | Key |\n|---|---|\n| a | 1 |", ["Two doors:", "a\t1"]),
        (
            "Above.\n## Doors\nBelow.\n\n---\nOpen: at nine: always\n---\n",
            ["Above.", "Doors", "Below.", "Open: at nine: always"],
        ),
        ("Done :tada: &amp; <b>locked</b>&nbsp;up\\*", ["Done 🎉 & locked up*"]),
        ("```\n{% raw %}{% if key %}{{ door }}{% endraw %}\n```", ["{% if key %}{{ door }}"]),
        ("Write `{{ door }}` or {% raw %}{{ key }}{% endraw %}.", ["Write {{ door }} or {{ key }}."]),
        ("{% highlight ruby %}\nputs {{ x }}\n{% endhighlight %}", ["puts {{ x }}"]),
    ],
)
def test_what_is_for_the_generator_goes_and_the_text_stays(
    tmp_path: Path, source: str, seen: list[str]
) -> None:
    assert texts(tmp_path, source) == seen


@pytest.mark.parametrize(
    ("front", "title"),
    [
        ("---\ntitle: Keys: a guide\nowner: {{ team }}\n---\n", "Keys: a guide"),
        ('+++\ntitle = "Keys and doors"\nweight = 3\n+++\n', "Keys and doors"),
        ("---\ntitle: 'Keys'\ntags: [a, b]\n---\n", "Keys"),
        ("+++\nbroken\n+++\n", "a"),
    ],
)
def test_front_matter_gives_the_title_and_nothing_else(tmp_path: Path, front: str, title: str) -> None:
    document = read(tmp_path, front + "\nBring a key.\n")
    assert document.title == title
    assert [b.text for b in document.blocks if b.kind == "paragraph"] == ["Bring a key."]


def test_html_in_markdown_is_read_as_html(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        """<div class="box">
  <h2>Doors</h2>

    <table>
      <caption>All doors</caption>
      <tr><th>Door</th><th>Key</th></tr>
      <tr><td rowspan="2">front</td><td>**big**</td></tr>
      <tr><td>small<br>one</td></tr>
    </table>
</div>
<script>open()</script>

<details><summary>Who has keys?</summary>

- the *porter*

<ol start="3"><li>you</li></ol>
</details>
""",
    )
    assert [(b.kind, b.text, b.lead) for b in document.blocks] == [
        ("heading", "Doors", None),
        ("caption", "All doors", None),
        ("table_row", "front\tbig", "Door\tKey"),
        ("table_row", "front\tsmall one", "Door\tKey"),
        ("paragraph", "Who has keys?", None),
        ("list_item", "the porter", None),
        ("list_item", "3. you", None),
    ]


def test_text_struck_out_by_tags_is_struck_out_in_the_tree() -> None:
    def raw(tag: str, kind: str = "RawInline") -> dict[str, object]:
        return {"t": kind, "c": ["html", tag]}

    said = {"t": "Str", "c": "old"}
    struck = {"t": "Strikeout", "c": [said]}
    assert with_elements([raw("<s>"), said, raw("</s>")]) == [struck]
    assert with_elements([raw("<del>", "RawBlock"), {"t": "Para", "c": [said]}]) == [
        {"t": "Para", "c": [struck]}
    ]


@pytest.mark.parametrize(
    ("hidden", "told"),
    [
        ("<p hidden>Draft</p>", ("hidden text",)),
        ('<ul style="color: red; DISPLAY : none"><li>Draft</li></ul>', ("hidden text",)),
        ('<p style="text-decoration: line-through">Draft</p>', ("struck-out text",)),
        ('<span aria-hidden="true">Draft</span><noscript>Draft</noscript><template>Draft</template>', ()),
        ("<div hidden><i></i></div>", ()),
    ],
)
def test_what_a_page_hides_is_left_out_and_told(tmp_path: Path, hidden: str, told: tuple[str, ...]) -> None:
    document = read(tmp_path, f"<h1>Größe</h1>{hidden}<p>Shown &lt;b&gt;.</p>", "a.html")
    assert [b.text for b in document.blocks] == ["Größe", "Shown <b>."]
    assert document.hidden == told

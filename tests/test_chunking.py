"""How documents are cut into passages: nothing lost, lists and tables readable, ids that stay."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from dataclasses import replace

import pytest

from kb.chunking import chunk, chunking_digest, context
from kb.config import ChunkingConfig
from kb.types import Block, BlockKind, Document, Passage

CONFIG = ChunkingConfig()
SMALL = ChunkingConfig(max_chars=200, list_chars=200)
SENTENCE = "The ministry publishes its data catalogue every year. "


def document(*blocks: Block) -> Document:
    return Document("d", "note.docx", "Note", blocks=blocks)


def heading(*path: str) -> Block:
    return Block("heading", path[-1], path)


def para(text: str, *path: str, page: int | None = None) -> Block:
    return Block("paragraph", text, path, page, f"p{page}" if page else None)


def items(lead: str | None, texts: Iterable[str], kind: BlockKind = "list_item") -> list[Block]:
    return [Block(kind, text, ("A",), lead=lead) for text in texts]


def texts(passages: Iterable[Passage]) -> list[str]:
    return [passage.text for passage in passages]


def test_a_document_without_blocks_has_no_passages() -> None:
    assert chunk(document(), CONFIG) == []


def test_a_section_is_one_passage_under_its_heading() -> None:
    blocks = [heading("A"), para("First.", "A"), para("Second.", "A"), heading("B"), para("Third.", "B")]
    assert texts(chunk(document(*blocks), CONFIG)) == ["A\nFirst.\nSecond.", "B\nThird."]


def test_a_heading_without_a_body_opens_the_next_section() -> None:
    blocks = [heading("A"), heading("A", "B"), para("Text.", "A", "B"), heading("C")]
    [body, rest] = chunk(document(*blocks), CONFIG)
    assert (body.text, body.heading_path) == ("A\nB\nText.", ("A", "B"))
    assert (rest.text, rest.heading_path) == ("C", ("C",))


def test_text_before_the_first_heading_is_kept() -> None:
    [before, after] = chunk(document(para("Preface."), heading("A"), para("Text.", "A")), CONFIG)
    assert (before.text, before.heading_path) == ("Preface.", ())
    assert after.heading_path == ("A",)


def test_paragraphs_fill_a_passage_up_to_its_limit() -> None:
    blocks = [para(letter * 90, "A") for letter in "abcd"]
    assert [passage.text[0] for passage in chunk(document(*blocks), SMALL)] == ["a", "c"]
    assert [len(passage.spans) for passage in chunk(document(*blocks), SMALL)] == [2, 2]


def test_a_long_paragraph_is_cut_at_sentence_ends() -> None:
    passages = chunk(document(para(SENTENCE * 20, "A")), SMALL)
    assert len(passages) > 4
    assert all(len(passage.text) <= 200 for passage in passages)
    assert all(passage.text.startswith("The ") and passage.text.endswith("year.") for passage in passages)


def test_a_paragraph_without_any_gap_is_cut_too() -> None:
    passages = chunk(document(para("x" * 1000, "A")), SMALL)
    assert "".join(texts(passages)) == "x" * 1000
    assert all(len(passage.text) <= 200 for passage in passages)


def test_a_list_up_to_its_limit_stays_whole_with_its_lead_in() -> None:
    lead = "The steps are:"
    blocks = [para("Before. " * 100, "A"), para(lead, "A"), *items(lead, ["word " * 20] * 20)]
    passages = chunk(document(*blocks), CONFIG)
    whole = next(passage for passage in passages if lead in passage.text)
    assert len(whole.text) > CONFIG.max_chars
    assert whole.text.startswith(lead)
    assert whole.text.count("\n- ") == 20


def test_a_long_list_is_split_between_items_and_repeats_its_lead_in() -> None:
    lead = "The steps are:"
    steps = [f"step {n} of all the steps that there are in this list" for n in range(20)]
    passages = chunk(document(heading("A"), para(lead, "A"), *items(lead, steps)), SMALL)
    assert len(passages) > 4
    assert passages[0].text.startswith(f"A\n{lead}\n- step 0")
    for passage in passages:
        assert passage.text.count(lead) == 1
        shown = [line[2:] for line in passage.text.split("\n") if line.startswith("- ")]
        assert set(shown) <= set(steps)
    assert [line for text in texts(passages) for line in text.split("\n") if line.startswith("- ")] == [
        f"- {step}" for step in steps
    ]


def test_a_lead_in_that_ends_a_paragraph_is_not_said_twice() -> None:
    lead = "There are two:"
    blocks = [para(f"A framework has parts. {lead}", "A"), *items(lead, ["policy", "people"])]
    assert texts(chunk(document(*blocks), CONFIG)) == [
        "A framework has parts. There are two:\n- policy\n- people"
    ]


def test_every_passage_of_a_table_has_its_header() -> None:
    header = "Country\tEGDI"
    rows = [f"Country {n}\t0.{n:04}" for n in range(60)]
    blocks = [Block("caption", "Table 1. Values", ("A",)), *items(header, rows, "table_row")]
    passages = chunk(document(*blocks), SMALL)
    assert len(passages) > 4
    assert all(passage.text.count(header) == 1 for passage in passages)
    assert passages[0].text.startswith(f"Table 1. Values\n{header}\nCountry 0\t0.0000\nCountry 1")
    assert [line for t in texts(passages) for line in t.split("\n") if line in rows] == rows


def test_a_repeated_lead_in_belongs_to_no_span() -> None:
    header = "Country\tEGDI"
    [passage] = chunk(document(*items(header, ["Rwanda\t0.5489"], "table_row")), CONFIG)
    assert passage.text == "Country\tEGDI\nRwanda\t0.5489"
    [span] = passage.spans
    assert (passage.text[span.start : span.end], span.kind) == ("Rwanda\t0.5489", "table_row")


def test_the_mark_of_an_item_belongs_to_no_span() -> None:
    [passage] = chunk(document(*items(None, ["policy", "people"])), CONFIG)
    assert passage.text == "- policy\n- people"
    assert [passage.text[span.start : span.end] for span in passage.spans] == ["policy", "people"]


def test_spans_keep_the_page_of_each_block() -> None:
    blocks = [heading("A"), para("On two.", "A", page=2), para("On three.", "A", page=3)]
    [passage] = chunk(document(*blocks), CONFIG)
    assert (passage.page, passage.page_label) == (2, "p2")
    assert [(span.page, span.page_label) for span in passage.spans] == [(None, None), (2, "p2"), (3, "p3")]


def test_passages_are_numbered_and_belong_to_their_document() -> None:
    passages = chunk(document(para(SENTENCE * 20, "A"), para("End.", "B")), SMALL)
    assert [passage.ordinal for passage in passages] == list(range(len(passages)))
    assert {passage.document_id for passage in passages} == {"d"}


def test_ids_derive_from_document_and_text() -> None:
    blocks = [para("One.", "A"), para("Two.", "B")]
    first = [passage.id for passage in chunk(document(*blocks), CONFIG)]
    moved = chunk(document(para("New.", "0"), *blocks), CONFIG)
    other = chunk(replace(document(*blocks), id="e"), CONFIG)
    assert [passage.id for passage in moved][1:] == first
    assert not set(first) & {passage.id for passage in other}


def test_twins_of_one_text_have_ids_of_their_own() -> None:
    passages = chunk(document(para("None.", "A"), para("None.", "B"), para("None.", "C")), CONFIG)
    assert texts(passages) == ["None."] * 3
    assert len({passage.id for passage in passages}) == 3


@pytest.mark.parametrize("config", [SMALL, ChunkingConfig(max_chars=200), CONFIG])
@pytest.mark.parametrize("seed", range(8))
def test_no_word_is_lost_moved_or_invented(seed: int, config: ChunkingConfig) -> None:
    """The spans, in order, are the document's blocks; offsets count in the joined blocks."""
    source = document(*random_blocks(random.Random(seed)))
    joined = "\n".join(block.text for block in source.blocks)
    passages = chunk(source, config)
    cut = [passage.text[span.start : span.end] for passage in passages for span in passage.spans]
    assert " ".join(cut).split() == joined.split()
    assert passages[0].start == 0
    assert passages[-1].end == len(joined)
    for before, after in itertools.pairwise(passages):
        assert joined[before.end : after.start].strip() == ""
    for passage in passages:
        own = [passage.text[span.start : span.end] for span in passage.spans]
        assert " ".join(joined[passage.start : passage.end].split()) == " ".join(" ".join(own).split())
        assert {span.kind for span in passage.spans} <= {"heading", "paragraph", "list_item", "table_row"}


@pytest.mark.parametrize("seed", range(8))
def test_only_whole_lists_and_headers_exceed_the_limit(seed: int) -> None:
    config = ChunkingConfig(max_chars=300, list_chars=500)
    for passage in chunk(document(*random_blocks(random.Random(seed))), config):
        assert sum(span.end - span.start for span in passage.spans) <= config.list_chars


def random_blocks(rng: random.Random) -> list[Block]:
    """Sections of paragraphs, lists and tables with words that never repeat."""
    number = iter(range(10**6))

    def text(longest: int) -> str:
        count = rng.randint(1, longest)
        return " ".join(f"w{next(number)}{rng.choice(['', '', '.', ';'])}" for _ in range(count))

    blocks: list[Block] = []
    for section in range(rng.randint(2, 6)):
        path = (f"Part{section}",) if rng.random() < 0.7 else (f"Part{section}", f"Sub{section}")
        blocks.append(Block("heading", path[-1], path))
        for _ in range(rng.randint(0, 4)):
            blocks.append(Block("paragraph", text(120), path))
            if rng.random() < 0.6:
                lead = text(6) if rng.random() < 0.7 else None
                kind: BlockKind = rng.choice(["list_item", "table_row"])
                count = rng.randint(1, 30)
                blocks += [Block(kind, text(25), path, lead=lead) for _ in range(count)]
    return blocks


def test_what_the_encoder_reads_opens_with_title_and_headings() -> None:
    [passage] = chunk(document(para("Room MH4.", "Venue", "Rooms")), CONFIG)
    assert context(document(), passage) == "Note > Venue > Rooms\nRoom MH4."


def test_a_title_that_is_the_first_heading_is_said_once() -> None:
    [passage] = chunk(document(para("Text.", "Note", "Venue")), CONFIG)
    assert context(document(), passage) == "Note > Venue\nText."


def test_the_digest_follows_the_settings() -> None:
    assert chunking_digest(CONFIG) == chunking_digest(ChunkingConfig())
    assert chunking_digest(CONFIG) != chunking_digest(SMALL)

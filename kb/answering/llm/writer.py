"""The quoted answer -> one worded by a language model, or the quoted one with the reason why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from kb.answering.evidence import Evidence
from kb.answering.llm.client import ModelFailed, prepare, stream
from kb.answering.llm.draft import sentences_of
from kb.answering.llm.prompt import messages, sources
from kb.answering.llm.verify import foreign_addresses, verify
from kb.config import LanguageModelConfig
from kb.types import Answer, Claim

QUOTED_INSTEAD = "The answer quotes the documents instead."


@dataclass(frozen=True, slots=True)
class Writer:
    """Words answers by the server of its settings. Safe to share between threads."""

    config: LanguageModelConfig

    def write(
        self, answer: Answer, evidence: Evidence, on_claim: Callable[[Claim], None] | None = None
    ) -> Answer:
        """Return the answer in the model's words as far as its passages confirm them.

        `on_claim` is called with each sentence once it is checked. If the model
        fails, or nothing it wrote is confirmed, the quoted claims stay, with a
        note; what `on_claim` was given before then is not part of the answer.
        """
        claims: list[Claim] = []
        try:
            for claim in self._claims(answer, evidence):
                if claim.text not in {earlier.text for earlier in claims}:
                    claims.append(claim)
                    if on_claim:
                        on_claim(claim)
            if all(claim.support == "unsupported" for claim in claims):
                raise ModelFailed("The language model wrote nothing that the passages confirm.")
        except ModelFailed as error:
            return replace(answer, notes=(*answer.notes, f"{error} {QUOTED_INSTEAD}"))
        return replace(answer, claims=tuple(claims), notes=(*answer.notes, self._remark))

    @property
    def _remark(self) -> str:
        model = self.config.model
        return (
            f"Worded by the language model {model}; each sentence was checked against the passages it cites."
        )

    def _claims(self, answer: Answer, evidence: Evidence) -> Iterator[Claim]:
        """Yield what may be shown: no foreign address, and nothing unsupported if that is to be dropped."""
        passages = sources(answer, evidence)
        request = messages(answer.standalone_question, passages, evidence.documents)
        with closing(stream(self.config, request)) as pieces:
            for sentence in sentences_of(pieces):
                if foreign_addresses(f"{sentence.raw} {sentence.text}", passages):
                    continue
                claim = verify(sentence, passages, evidence.documents)
                if claim.support != "unsupported" or self.config.unsupported == "mark":
                    yield claim


def open_writer(config: LanguageModelConfig) -> Writer | None:
    """Return the writer of the settings, None if they name no model; ConfigError if a package lacks."""
    if not config.model:
        return None
    prepare()
    return Writer(config)

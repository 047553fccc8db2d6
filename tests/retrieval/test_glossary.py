"""The glossaries and the translation by them, on sentences made up for these tests."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from kb.errors import QuestionError
from kb.retrieval.glossary import LANGUAGES, Translation, entries, translate

FRENCH = {
    "Quels sont les quatre piliers de la gouvernance des données ?": "what are four pillars data governance",
    "Qui valide les dépenses avant le paiement ?": "who approve expenses before payment",
    "À quelle date l'atelier de Kigali aura-t-il lieu ?": "what date workshop Kigali take place",
    "Comment résilier un contrat-cadre ?": "how terminate framework contract",
    "Combien de participants sont attendus à la réunion de Vientiane ?": (
        "how many participants expected meeting Vientiane"
    ),
    "Que mesure l'indice d'infrastructure des télécommunications ?": (
        "measure telecommunication infrastructure index"
    ),
    "Le plan d'action est validé par qui ?": "action plan approve by whom",
    "Pourquoi faut-il sauvegarder les bases de données régulièrement ?": (
        "why must back up databases regularly"
    ),
    "Quels sont les niveaux de la grille de maturité ?": "what are levels maturity grid",
    "Qu'est-ce que la participation électronique ?": "what is e-participation",
    "Y a-t-il une formation en ligne pour les fonctionnaires ?": "are there online training civil servants",
    "Les agents doivent-ils changer leurs mots de passe tous les trimestres ?": (
        "officer must change passwords quarterly"
    ),
    "Quel est le rôle du ministère des Finances dans la gestion des actifs informatiques ?": (
        "what is role ministry of finance it asset management"
    ),
    "Expliquez la différence entre un audit interne et un audit externe.": (
        "difference between internal audit and external audit"
    ),
    "Où se trouve le centre d'assistance et quel est son délai de réponse ?": (
        "where is help desk and what is response time"
    ),
    "Comment protéger la vie privée et les données personnelles des citoyens ?": (
        "how protect privacy and personal data citizens"
    ),
    "Dans quelles langues se déroulera le séminaire du 3 février ?": (
        "what language take place seminar 3 february"
    ),
}

KINYARWANDA = {
    "Ni izihe nkingi enye z'imiyoborere y'amakuru?": "what are four pillars data governance",
    "Ingengo y'imari yemezwa ryari?": "budget approval when",
    "Ninde ugomba kwemeza raporo mbere yo kwishyura rwiyemezamirimo?": (
        "who is must approve report before pay contractor"
    ),
    "Inama izabera he?": "meeting take place where",
    "Abakozi bangahe bazitabira amahugurwa?": "employees how many participants training",
    "Ni gute umukozi yiyandikisha mu mahugurwa?": "how employee register training",
    "Ni iyihe tariki ntarengwa yo kohereza raporo?": "what date deadline send report",
    "Umugenzuzi w'imbere akora iki?": "internal auditor do what",
    "Kuki ikoranabuhanga rikenewe mu kigo cya Leta?": "why digital technology needed public institution",
    "Ni izihe nshingano z'umuyobozi ushinzwe ikoranabuhanga?": (
        "what are responsibilities chief digital officer"
    ),
    "Ni bande bateguye inama yo muri Werurwe 2023?": "who are organisers meeting march 2023",
    "Ese ijambo ry'ibanga rigomba guhindurwa kangahe?": "password must change how many times",
    "Amasezerano aseswa ryari?": "contract termination when",
    "Amakuru bwite y'abaturage arindwa gute?": "personal data citizens protect how",
    "Ni uruhe rurimi rwakoreshejwe mu nama?": "what is language used meeting",
    "Abakozi ba leta ntibagomba gusangira amagambo y’ibanga": "civil servants not must share passwords",
    "Ni zihe ntambwe zo gucunga ibyago?": "what are step risk management",
    "Ni izihe mbogamizi ibihugu biri mu nzira y'amajyambere bifite?": (
        "what are challenges developing countries"
    ),
}


@pytest.mark.parametrize(("question", "english"), FRENCH.items())
def test_french(question: str, english: str) -> None:
    assert translate(question, "fr") == Translation(english, 1.0)


@pytest.mark.parametrize(("question", "english"), KINYARWANDA.items())
def test_kinyarwanda(question: str, english: str) -> None:
    assert translate(question, "rw") == Translation(english, 1.0)


@pytest.mark.parametrize("question", FRENCH)
def test_french_without_accents_and_in_capitals(question: str) -> None:
    bare = question.translate(str.maketrans("àâéèêëîïôûùçÀ", "aaeeeeiiouucA"))
    assert translate(bare, "fr").english == FRENCH[question]
    assert translate(question.upper(), "fr").english == FRENCH[question].lower()


@pytest.mark.parametrize("mark", ["'", "’"])
def test_elisions_split(mark: str) -> None:
    assert translate(f"l{mark}annexe d{mark}un contrat qu{mark}on signe", "fr").english == (
        "annex contract sign"
    )
    assert translate(f"ingengo y{mark}imari n{mark}amasoko by{mark}ikigo", "rw").english == (
        "budget procurement institution"
    )


def test_connectives_typed_without_their_apostrophe_are_found() -> None:
    assert translate("ingengo yimari nigenzura", "rw").english == "budget audit"


def test_the_longest_phrase_wins() -> None:
    assert translate("plan", "fr").english == "plan"
    assert translate("plan de gestion", "fr").english == "plan management"
    assert translate("plan de gestion des risques", "fr").english == "risk management plan"
    assert translate("igipimo", "rw").english == "index"
    assert translate("igipimo cy'iterambere", "rw").english == "development index"


@pytest.mark.parametrize("phrase", ["gestion des risques", "gestion de risque", "gestion du risque"])
def test_articles_inside_a_phrase_do_not_matter(phrase: str) -> None:
    assert translate(phrase, "fr").english == "risk management"


def test_a_phrase_does_not_reach_over_the_end_of_a_clause() -> None:
    assert translate("plan, action", "fr").english == "plan action"


@pytest.mark.parametrize("form", ["valide", "valident", "validé", "validées", "validera", "VALIDONS"])
def test_forms_of_a_regular_verb_are_found(form: str) -> None:
    assert translate(form, "fr").english == "approve"


@pytest.mark.parametrize(
    ("form", "english"),
    [
        ("réseaux", "networks"),
        ("régionaux", "regional"),
        ("réglementaires", "regulatory"),
        ("organisationnelle", "organisational"),
        ("opérationnelles", "operational"),
        ("sociale", "social"),
    ],
)
def test_plurals_and_feminines_are_found(form: str, english: str) -> None:
    assert translate(form, "fr").english == english


@pytest.mark.parametrize("form", ["gukoresha", "akoresha", "dukoresha", "izakoresha", "rikoreshwa"])
def test_prefixes_and_passive_of_a_kinyarwanda_verb_are_found(form: str) -> None:
    assert translate(form, "rw").english == "use"


@pytest.mark.parametrize("form", ["akarere", "karere"])
def test_nouns_are_found_without_their_first_vowel(form: str) -> None:
    assert translate(f"ku {form}", "rw").english == "district"


def test_acronyms_numbers_names_and_addresses_are_kept() -> None:
    kept = translate("Le score XYZ de Nyamata selon ISO-9001 en 2021-2025 : a.b@c.rw", "fr")
    assert kept == Translation("score XYZ Nyamata according to ISO-9001 2021-2025 a.b@c.rw", 1.0)
    assert translate("raporo ya RURA 2022", "rw").english == "report RURA 2022"


def test_an_acronym_spelt_like_a_function_word_is_kept() -> None:
    assert translate("le rapport du SI", "fr").english == "report SI"
    assert translate("si le rapport", "fr").english == "report"


def test_english_words_are_kept() -> None:
    assert translate("le procurement du ministère", "fr").english == "procurement ministry"
    assert translate("workshop izaba ryari?", "rw").english == "workshop take place when"


def test_unknown_words_lower_the_coverage() -> None:
    assert translate("le budget du fromage", "fr") == Translation("budget", 0.5)
    assert translate("le cheval mange une carotte", "fr") == Translation("", 0.0)
    assert translate("raporo y'inka", "rw") == Translation("report", 0.5)


def test_a_capital_at_the_beginning_is_kept_but_not_called_known() -> None:
    assert translate("Inka irya ubwatsi", "rw") == Translation("Inka", 0.0)


def test_a_question_without_content_words_is_not_covered() -> None:
    assert translate("Où et quand ?", "fr") == Translation("where and when", 0.0)
    assert translate("", "rw") == Translation("", 0.0)


def test_who_is_asked_only_where_a_phrase_opens() -> None:
    assert translate("qui audite", "fr").english == "who audit"
    assert translate("le ministère qui audite", "fr").english == "ministry audit"


def test_accents_decide_where_they_are_typed() -> None:
    assert translate("où", "fr").english == "where"
    assert translate("audit ou contrôle", "fr").english == "audit or control"


def test_a_word_of_a_known_ending_is_carried_over() -> None:
    assert translate("la traçabilité et la tokenisation", "fr") == Translation(
        "tracability and tokenisation", 1.0
    )


def test_another_language_is_refused() -> None:
    with pytest.raises(QuestionError, match="'sw'"):
        translate("mkutano uko wapi", "sw")


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_function_words_carry_nothing(language: str) -> None:
    words = {"fr": "de la les des du à pour dans avec", "rw": "ku na mu y n' kuri muri ya za"}[language]
    assert translate(words, language) == Translation("", 0.0)


@pytest.mark.parametrize(("language", "least"), [("fr", 900), ("rw", 350)])
def test_enough_entries_carry_a_sense(language: str, least: int) -> None:
    assert sum(bool(english) for _, english in entries(language)) >= least


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_line_is_well_formed(language: str) -> None:
    text = (resources.files("kb.retrieval") / "glossaries" / f"{language}.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    form = re.compile(r"[-^]?[\w'/ -]+\t(?:-?[a-z0-9][a-z0-9' -]*(?: / [a-z0-9][a-z0-9' -]*)*)?")
    assert [line for line in lines if not form.fullmatch(line) or line != line.lower()] == []
    assert "await review by native speakers" in text


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_term_stands_twice(language: str) -> None:
    terms = [term.casefold() for term, _ in entries(language)]
    assert sorted(t for t in set(terms) if terms.count(t) > 1) == []

"""The words in which people ask for EGDI figures, each with what it stands for.

A question is taken as one for figures only if every word of it is known here,
is a country of the table, or a year: a word that is not may change what is
asked, as "why", "LDCs" or "weights" do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from kb.egdi.countries import Folded, fold

Slot: TypeAlias = Literal[
    "index", "rank", "highest", "lowest", "change", "newest", "all", "span", "versus", "when", "glue"
]

_PHRASES: Mapping[tuple[Slot, str], str] = {
    ("index", "egdi"): (
        "EGDI|e-government development index|egovernment development index|egov index|e-government index"
        "|digital government index|e-government|egovernment|egov|e-gov"
    ),
    ("index", "osi"): "OSI|online service index|online services index|online service|online services",
    ("index", "tii"): (
        "TII|telecommunication infrastructure index|telecommunications infrastructure index"
        "|telecommunication infrastructure|telecommunications infrastructure"
    ),
    ("index", "hci"): "HCI|human capital index|human capital",
    ("index", "epi"): "EPI|e-participation index|eparticipation index|e-participation|eparticipation",
    ("rank", ""): "rank|ranks|ranked|ranking|rankings|position|positioned|place|placed|ahead|behind",
    ("highest", ""): (
        "highest|most high|best|top|leading|leader|leaders|greatest|largest|strongest|number one|no 1"
        "|number 1|first place|ranked first|ranks first|rank first|came first|is first|was first"
    ),
    ("lowest", ""): "lowest|most low|worst|bottom|least|weakest|smallest|poorest",
    ("change", ""): (
        "change|changes|changed|evolve|evolved|evolution|trend|trends|develop|developed|grow|grew|grown"
        "|growth|rise|rises|rose|risen|fall|falls|fell|fallen|improve|improves|improved|improvement"
        "|increase|increased|decrease|decreased|drop|dropped|decline|declined|progress|progressed|move|moved"
    ),
    ("newest", ""): "latest|newest|most recent|recent|last edition|current|currently|now|today",
    ("all", ""): (
        "over time|over the years|all editions|all years|every edition|every year|each edition|each year"
        "|time series|history|through the years|by edition|by year"
    ),
    ("span", ""): "from|since|between|to|until|till|through",
    ("versus", ""): (
        "compare|compared|compares|comparing|comparison|versus|vs|against|difference|than|better|worse"
        "|higher|lower"
    ),
    ("when", ""): "when|which year|what year|which edition|what edition",
    ("glue", ""): (
        "a|an|the|of|in|on|for|by|at|with|as|and|or|is|are|was|were|did|do|does|has|have|had|what|whats|s|l"
        "|d|which|who|where|how|it|its|their|they|this|that|there|be|been|will|get|got|give|show|list|tell|me|us"
        "|please|pls|hello|hi|thanks|can|could|you|i|want|know|like|to know|about|also|both|much|high|low"
        "|value|values|score|scores|scored|index|indices|figure|figures|number|data|result|results|country"
        "|countries|state|states|member states|nation|nations|government|edition|editions|year|years|survey"
        "|surveys|report|world|worldwide|global|globally|un|undesa|desa|united nations|stand|stands|stood"
        "|come|comes|came|reach|reached|perform|performed"
    ),
}

PHRASES: Mapping[Folded, tuple[Slot, str]] = {
    fold(phrase): meaning for meaning, phrases in _PHRASES.items() for phrase in phrases.split("|")
}

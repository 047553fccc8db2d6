"""The words in which people ask for EGDI figures, each with what it stands for.

A question is taken as one for figures only if every word of it is known here,
is a country of the table, or a year: a word that is not may change what is
asked, as "why", "LDCs" or "weights" do. What the order of known words may
change is in `kb.egdi.wordorder`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from kb.egdi.countries import Folded, fold

Slot: TypeAlias = Literal[
    "index",
    "subject",
    "rank",
    "highest",
    "lowest",
    "change",
    "newest",
    "all",
    "span",
    "versus",
    "ahead",
    "better",
    "when",
    "where",
    "how",
    "who",
    "will",
    "country",
    "countries",
    "glue",
]

_PHRASES: Mapping[tuple[Slot, str], str] = {
    ("index", "egdi"): "EGDI|e-government development index|egovernment development index|egov index"
    "|e-government index",
    ("index", "osi"): "OSI|online service index|online services index",
    ("index", "tii"): "TII|telecommunication infrastructure index|telecommunications infrastructure index",
    ("index", "hci"): "HCI|human capital index",
    ("index", "epi"): "EPI|e-participation index|eparticipation index",
    # What an index measures: stands for the index only beside a word for a measure.
    ("subject", "egdi"): "e-government|egovernment|egov|e-gov",
    ("subject", "osi"): "online service|online services",
    ("subject", "tii"): "telecommunication infrastructure|telecommunications infrastructure",
    ("subject", "hci"): "human capital",
    ("subject", "epi"): "e-participation|eparticipation",
    ("rank", ""): (
        "rank|ranks|ranked|ranking|rankings|country rank|country ranking|world rank|world ranking|global rank"
        "|global ranking"
    ),
    ("rank", "place"): "position|positioned|place|placed|stand|stands|stood",
    ("highest", ""): (
        "highest|most high|best|top|leading|leader|leaders|number one|no 1|number 1|first place"
        "|ranked first|ranks first|rank first|came first|is first|was first"
    ),
    ("lowest", ""): "lowest|most low|worst|bottom",
    # Words for a value that say something else of a country.
    ("highest", "size"): "greatest|largest|strongest",
    ("lowest", "size"): "least|weakest|smallest|poorest",
    ("change", ""): (
        "change|changes|changed|evolve|evolved|evolution|trend|trends|grow|grew|grown"
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
        "compare|compared|compares|comparing|comparison|versus|vs|against|difference|difference between"
        "|comparison between|compare to|compares to|compared to"
    ),
    ("ahead", ""): "ahead|behind",
    ("better", ""): "better|worse|higher|lower|than",
    ("when", ""): "when|which year|what year|which edition|what edition",
    ("where", ""): "where",
    ("how", ""): "how",
    ("who", ""): "who is|who was|who has|who had|who ranks|who ranked|who came",
    ("will", ""): "will",
    ("country", ""): "country|nation|member state",
    ("countries", ""): "countries|nations|member states",
    ("glue", ""): (
        "a|an|the|of|in|on|for|by|at|with|as|and|or|is|are|was|were|did|do|does|has|have|had|what|whats|s|l"
        "|d|which|it|its|their|they|this|that|there|be|been|give|show|list|tell me|tell us|give me|give us"
        "|show me|show us|please|pls|hello|hi|thanks|can you tell me|could you tell me|can you give me"
        "|could you give me|can you show me|could you show me|i want to know|i would like to know|do you know"
        "|what about|how about|how much|how high|how low|also|both|high|low|value|values|score|scores|scored"
        "|index|indices|figure|figures|number|data|result|results|edition|editions|year|years|survey|surveys"
        "|e-government survey|e-government surveys|egovernment survey|egov survey|report|in the world|world s"
        "|worldwide|globally|un|undesa|un desa|united nations|come|comes|came|reach|reached|perform|performed"
    ),
}

PHRASES: Mapping[Folded, tuple[Slot, str]] = {
    fold(phrase): meaning for meaning, phrases in _PHRASES.items() for phrase in phrases.split("|")
}

"""Asks the web app from another program: pip install gradio_client; python docs/client.py [ADDRESS]."""
# ruff: noqa: T201

import os
import sys

from gradio_client import Client

address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7860"
# The library would else report its use to its maker; it takes both to stop it.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
# Where people sign in, add auth=("name", "password").
client = Client(address, verbose=False, analytics_enabled=False)

answer = client.predict("Where does the Kigali workshop take place?", api_name="/ask")
print(answer["status"], answer["text"], sep=": ")
for cited in answer["citations"]:
    print(f"[{cited['n']}] {cited['source']}, page {cited['page']}: “{cited['quote']}”")

found = client.predict("data governance", k=3, api_name="/search")
for hit in found["hits"]:
    print(round(hit["score"], 2), hit["source"], " > ".join(hit["heading_path"]))

brief = client.predict(topic="data governance", api_name="/brief")
print(brief["markdown"])

figures = client.predict(countries=["Rwanda", "LAO"], editions=[2022], api_name="/egdi")
for row in figures["rows"]:
    print(row["country"], row["edition"], row["egdi"], row["rank"])

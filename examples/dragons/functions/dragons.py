"""The list of dragons: a small JSON file, the same that add-dragon.mjs writes."""

import json
import os
import pathlib
import tempfile

KNOWN_FROM_THE_START = [
    {"dragon_name_str": "Atlas", "family_str": "red", "location_city_str": "anchorage"},
]


def path():
    folder = os.environ.get("DRAGONS_FOLDER") or tempfile.gettempdir()
    return pathlib.Path(folder) / "stepwell-dragons.json"


def load():
    try:
        return KNOWN_FROM_THE_START + json.loads(path().read_text())
    except FileNotFoundError:
        return KNOWN_FROM_THE_START

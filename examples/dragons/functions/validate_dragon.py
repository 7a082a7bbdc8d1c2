"""Checks that a dragon is described well and is not known yet."""

import dragons


class DragonValidationException(Exception):
    """The dragon cannot be added. The state machine catches it by this name."""


def handler(event, context):
    name = event["dragon_name_str"]
    if not name or not name[0].isupper():
        raise DragonValidationException(f"{name!r} is no name for a dragon: it begins with a capital letter")
    if any(known["dragon_name_str"] == name for known in dragons.load()):
        raise DragonValidationException(f"{name} is already on the list of dragons")
    return {"valid": True}

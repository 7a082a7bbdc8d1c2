"""Checks that a dragon is described well. Whether it is known already, the table says."""


class DragonValidationException(Exception):
    """The dragon cannot be added. The state machine catches it by this name."""


# They were here before the table.
ELDERS = ["Atlas"]


def handler(event, context):
    name = event["dragon_name_str"]
    if not name or not name[0].isupper():
        raise DragonValidationException(f"{name!r} is no name for a dragon: it begins with a capital letter")
    if name in ELDERS:
        raise DragonValidationException(f"{name} is already on the list of dragons")
    return {"valid": True}

"""How well a post reads. AppSync asks it directly: it gets the whole context, and what it returns is the field."""


def handler(context, _):
    content = context["source"].get("content") or ""
    words = content.split()
    return round(min(5.0, 1.0 + len(set(words)) / 10), 1)

"""Asks somebody: writes the question, and how to answer it, into a file."""

import pathlib
import tempfile

FILE = pathlib.Path(tempfile.gettempdir(), "stepwell-approval.txt")


def handler(event, context):
    token = event["token"]
    FILE.write_text(f"""{event["question"]}

Yes:
aws stepfunctions send-task-success --task-output '{{"approvedBy": "me"}}' --task-token '{token}'

No:
aws stepfunctions send-task-failure --error Rejected --cause 'too expensive' --task-token '{token}'
""")
    # What a function returns here is of no interest: the answer comes with the token.
    return None

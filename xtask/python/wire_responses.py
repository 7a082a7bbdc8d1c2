"""Outputs and errors as services write them, in every protocol.

By AWS's descriptions of the protocols, so that readers can be compared. Never here: reading.
"""

import base64
import json
from xml.sax.saxutils import escape, quoteattr

from botocore.serialize import RestJSONSerializer, RestXMLSerializer

REQUEST_ID = "11111111-2222-3333-4444-555555555555"


class ResponseWriter:
    def __init__(self, protocol, model):
        self.protocol = protocol
        self.model = model
        serializer = RestJSONSerializer if protocol in ("json", "rest-json") else RestXMLSerializer
        self.serializer = serializer()

    def response(self, value, operation):
        """Status, headers and body."""
        shape = operation.output_shape
        headers = {"X-Amzn-RequestId": REQUEST_ID, "Date": "Fri, 27 Nov 2026 21:00:00 GMT"}
        if shape is None:
            is_xml = self.protocol in ("query", "ec2")
            return 200, headers, f"<{operation.name}Response/>".encode() if is_xml else b""
        if self.protocol == "json":
            return 200, headers, self.json(value, shape)
        if self.protocol == "query":
            inner = self.members(value, shape)
            wrapper = shape.serialization.get("resultWrapper")
            if wrapper:
                inner = f"<{wrapper}>{inner}</{wrapper}>"
            text = f'<{operation.name}Response xmlns="urn:x">{inner}<ResponseMetadata><RequestId>{REQUEST_ID}'
            return 200, headers, (text + f"</RequestId></ResponseMetadata></{operation.name}Response>").encode()
        if self.protocol == "ec2":
            inner = self.members(value, shape)
            text = f"<?xml version='1.0'?>\n<{operation.name}Response><requestId>{REQUEST_ID}</requestId>{inner}"
            return 200, headers, (text + f"</{operation.name}Response>").encode()
        return self.rest(value, shape, headers)

    def rest(self, value, shape, headers):
        status, body = 200, {}
        for name, inner in value.items():
            member = shape.members[name]
            location = member.serialization.get("location")
            wire_name = member.serialization.get("name", name)
            if location == "statusCode":
                status = 202
            elif location == "header":
                if inner != []:
                    headers[wire_name.title()] = self.serializer._convert_header_value(member, inner)
            elif location == "headers":
                headers.update({wire_name + key: text for key, text in inner.items()})
            else:
                body[name] = inner
        payload = shape.serialization.get("payload")
        if payload is not None:
            return status, headers, self.payload(value.get(payload), shape.members[payload], payload)
        if self.protocol == "rest-json":
            return status, headers, self.json(body, shape)
        return status, headers, f'<Root xmlns="urn:x">{self.members(body, shape)}</Root>'.encode()

    def payload(self, value, shape, name):
        if value is None:
            return b""
        if shape.type_name in ("blob", "string"):
            data = value.encode() if isinstance(value, str) else value
            try:
                data.decode()
            except UnicodeDecodeError:
                # botocore reads a payload as text.
                return b"other"
            return data
        if self.protocol == "rest-json":
            return self.json(value, shape)
        wire_name = shape.serialization.get("name", name)
        return f"<?xml version=\"1.0\"?>{self.element(value, shape, wire_name)}".encode()

    def json(self, value, shape):
        holder = {}
        self.serializer._serialize(holder, value, shape, "value")
        return json.dumps(holder["value"]).encode()

    def members(self, value, shape):
        """All that stands in the element of a structure."""
        out = []
        for name, inner in value.items():
            member = shape.members[name]
            if member.serialization.get("location") or member.serialization.get("xmlAttribute"):
                continue
            out.append(self.member(inner, member, member.serialization.get("name", name)))
        return "".join(out)

    def member(self, value, shape, name):
        if not shape.serialization.get("flattened"):
            return self.element(value, shape, name)
        if shape.type_name == "map":
            return "".join(self.entry(key, inner, shape, name) for key, inner in value.items())
        name = shape.member.serialization.get("name", name)
        return "".join(self.element(inner, shape.member, name) for inner in value)

    def element(self, value, shape, name):
        attributes = ""
        if shape.type_name == "structure":
            for member_name, member in shape.members.items():
                if member.serialization.get("xmlAttribute") and member_name in value:
                    attributes += f" {member.serialization['name']}={quoteattr(value[member_name])}"
            if attributes:
                attributes += ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
            inner = self.members(value, shape)
        elif shape.type_name == "list":
            element = shape.member.serialization.get("name", "member")
            inner = "".join(self.element(item, shape.member, element) for item in value)
        elif shape.type_name == "map":
            inner = "".join(self.entry(key, item, shape, "entry") for key, item in value.items())
        else:
            inner = escape(self.scalar(value, shape))
        return f"<{name}{attributes}>{inner}</{name}>" if inner else f"<{name}{attributes}/>"

    def entry(self, key, value, shape, name):
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        inner = self.element(value, shape.value, value_name)
        return f"<{name}><{key_name}>{escape(key)}</{key_name}>{inner}</{name}>"

    def scalar(self, value, shape):
        if shape.type_name == "blob":
            return base64.b64encode(value).decode()
        if shape.type_name == "boolean":
            return "true" if value else "false"
        if shape.type_name == "timestamp":
            return str(self.serializer._convert_timestamp_to_str(value, shape.serialization.get("timestampFormat")))
        return str(value)


class ErrorWriter:
    def __init__(self, protocol):
        self.protocol = protocol

    def response(self, code, message):
        """Status, headers and body."""
        headers = {"X-Amzn-RequestId": REQUEST_ID}
        if self.protocol == "json":
            body = {"__type": f"com.amazonaws.some#{code}", "message": message}
            return 400, headers, json.dumps(body).encode()
        if self.protocol == "rest-json":
            headers["X-Amzn-ErrorType"] = f"{code}:http://internal.amazon.com/some/"
            return 404, headers, json.dumps({"Message": message}).encode()
        inner = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
        if self.protocol == "ec2":
            text = f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>{REQUEST_ID}</RequestID></Response>"
        else:
            text = f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error><RequestId>{REQUEST_ID}</RequestId>"
            text += "</ErrorResponse>"
        return 400, headers, text.encode()

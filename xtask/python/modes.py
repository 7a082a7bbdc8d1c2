"""Who may ask, by all five modes on one API: modes.py PATH_OF_STEPWELL [FOLDER_OF_NODE_CLIENTS]

The project is xtask/modes. Its provider and its user pool publish their keys over HTTP (issuer.py), its function runs, and its
clients are botocore's signatures, bare requests and sockets, aws-amplify and Apollo with AppSync's links, over TLS.
"""

import concurrent.futures
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from dev_server import Count, clean_environment, start
from issuer import POOL, Issuer, Key, head_and_claims, shared, unsigned
from modes_client import ACCESS_KEY, SECRET, Api, Signer

PROJECT = pathlib.Path(__file__).parents[1] / "modes"
KEY = {"x-api-key": "da2-modesdevelopment"}
MODES = ["API_KEY", "AWS_IAM", "OPENID_CONNECT", "AMAZON_COGNITO_USER_POOLS", "AWS_LAMBDA"]
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
# An issuer is asked for its keys once in so long.
PAUSE_SECONDS = 10
REFUSED = (401, {"errors": [{"errorType": "UnauthorizedException", "message": "You are not authorized to make this call."}]})
EXPIRED = (401, {"errors": [{"errorType": "UnauthorizedException", "message": "Token has expired."}]})


class Project:
    """A copy of the project, the server that runs it, and who issues its tokens."""

    def __init__(self, stepwell, root, issuer):
        self.stepwell, self.folder, self.issuer = stepwell, root / "modes", issuer
        self.told_file, self.said_file = root / "told", root / "said"
        shutil.copytree(PROJECT, self.folder, ignore=shutil.ignore_patterns(".stepwell", "__pycache__"))
        for file in ["stepwell.toml", "api/appsync.toml"]:
            text = (self.folder / file).read_text()
            text = text.replace("ISSUER", issuer.url).replace("TOLD_FILE", str(self.told_file))
            (self.folder / file).write_text(text)
        command = ["sh", "-c", 'exec "$0" "$@" 2>>../said', stepwell, "dev", "--tls", "--log", "warn,appsync=debug"]
        self.process = start(command, self.folder)
        env = subprocess.run([stepwell, "env", "--output", "json"], cwd=self.folder, capture_output=True, check=True)
        self.env = json.loads(env.stdout)
        self.ca_file = self.env["AWS_CA_BUNDLE"]
        self.context = ssl.create_default_context(cafile=self.ca_file)

    def api(self, name):
        return Api(self.env[f"APPSYNC_GRAPHQL_{name.upper()}"], self.context)

    def told(self):
        """What the function was told so far."""
        return [json.loads(line) for line in self.told_file.read_text().splitlines()] if self.told_file.exists() else []

    def said(self):
        return self.said_file.read_text()

    def close(self):
        self.process.kill()
        self.process.wait()


class Keys:
    """The keys of the provider and of the pool, and of somebody who is neither."""

    def __init__(self, issuer):
        self.any_rsa = Key("any", says=False)
        self.rsa, self.p256, self.p384 = Key("rsa"), Key("p256", "ES256"), Key("p384", "ES384")
        self.pool, self.foreign = Key("pool"), Key("foreign")
        issuer.keys["login"] = [self.any_rsa, self.rsa, self.p256, self.p384]
        issuer.keys[POOL] = [self.pool]


def token(text):
    return {"authorization": text}


def same(wanted, got):
    return None if wanted == got else f"{json.dumps(got)}, expected {json.dumps(wanted)}"


def everybody(issuer, keys):
    """Somebody of each mode, with the identity that handlers see."""
    subject, user = issuer.subject(), issuer.user()
    nobody = ["cognitoIdentityAuthProvider", "cognitoIdentityAuthType", "cognitoIdentityId", "cognitoIdentityPoolId"]
    return {
        "API_KEY": (KEY, "API Key Authorization", None),
        "AWS_IAM": (Signer(), "IAM Authorization", {
            "accountId": "123456789012", **{name: None for name in nobody}, "sourceIp": ["127.0.0.1"],
            "userArn": f"arn:aws:iam::123456789012:user/{ACCESS_KEY}", "username": ACCESS_KEY,
        }),
        "OPENID_CONNECT": (token(keys.p256.token(subject)), "Open ID Connect Authorization", {
            "claims": subject, "issuer": subject["iss"], "sub": "ada",
        }),
        "AMAZON_COGNITO_USER_POOLS": (token(keys.pool.token(user)), "User Pool Authorization", {
            "claims": user, "defaultAuthStrategy": "ALLOW", "groups": ["staff", "readers"], "issuer": user["iss"],
            "sourceIp": ["127.0.0.1"], "sub": "0b1e", "username": "grace",
        }),
        "AWS_LAMBDA": (token("custom-plain"), "Lambda Authorization", {
            "resolverContext": {"name": "plain", "number": 7, "yes": True},
        }),
    }


def identities(count, api, people):
    for mode, (who, auth_type, identity) in people.items():
        for field in ["who", "whoInVtl"]:
            text = api.data(who, f"{{ {field} }}")[field]
            count.check(f"{field} is {mode}", same({"identity": identity, "mode": auth_type}, json.loads(text)))


def denied(type_, field, path):
    return {
        "path": path, "data": None, "errorType": "Unauthorized", "errorInfo": None,
        "message": f"Not Authorized to access {field} on type {type_}",
    }


def directives(count, api, people):
    """Which mode sees which field; what is denied is null, with an error that says so."""
    tokens = ["OPENID_CONNECT", "AMAZON_COGNITO_USER_POOLS"]
    for query, type_, path, allowed in [
        ("{ note { text } }", "Note", ["note", "text"], MODES),
        ("{ note { forSigned } }", "Note", ["note", "forSigned"], ["AWS_IAM"]),
        ("{ unmarked { text } }", "Unmarked", ["unmarked", "text"], ["API_KEY"]),
        ("{ forTokens }", "Query", ["forTokens"], tokens),
        ("{ forStaff }", "Query", ["forStaff"], tokens[1:]),
        ('mutation { announce(room: "none", text: "t") { text } }', "Mutation", ["announce"], ["AWS_IAM"]),
    ]:
        for mode, (who, _, _) in people.items():
            status, answer = api.ask(who, query)
            errors = [{name: value for name, value in error.items() if name != "locations"} for error in answer.get("errors", [])]
            wanted = [] if mode in allowed else [denied(type_, path[-1], path)]
            count.check(f"{mode} asks for {query}", same((200, wanted), (status, errors)))


def groups(count, api, users, issuer, keys):
    stranger = token(keys.pool.token(issuer.user(**{"cognito:groups": ["readers"]})))
    nobody = token(keys.pool.token(issuer.user(**{"cognito:groups": None})))
    staff = token(keys.pool.token(issuer.user()))
    for what, who in [("another group", stranger), ("no group", nobody)]:
        for each in [api, users]:
            _, answer = each.ask(who, "{ forStaff }")
            count.check(f"{what} is not the staff", same("Not Authorized to access forStaff on type Query", answer["errors"][0]["message"]))
    count.check("the staff is", same({"forStaff": "for staff"}, users.data(staff, "{ forStaff }")))
    _, answer = users.ask(staff, "{ plain }")
    count.check("what no directive speaks of is denied by DENY", same(None, answer["data"]["plain"]) or same(1, len(answer["errors"])))
    identity = json.loads(users.data(staff, "{ who }")["who"])["identity"]
    count.check("handlers see DENY", same("DENY", identity["defaultAuthStrategy"]))
    access = issuer.user(aud=None, client_id="web", token_use="access", username="grace", **{"cognito:username": None})
    identity = json.loads(api.data(token(keys.pool.token(access)), "{ who }")["who"])["identity"]
    count.check("an access token names its user", same(("grace", access), (identity["username"], identity["claims"])))


def tokens(count, api, issuer, keys):
    """Whose tokens let in, and what is wrong with all others."""
    ask = lambda text: api.ask(token(text), "{ who }")
    now = int(time.time())
    for algorithm in ALGORITHMS:
        count.check(f"a provider's {algorithm}", same(200, ask(keys.any_rsa.token(issuer.subject(), algorithm))[0]))
    for key in [keys.p256, keys.p384]:
        count.check(f"a provider's {key.algorithm}", same(200, ask("Bearer " + key.token(issuer.subject()))[0]))
    for changes in [{"aud": ["api", "app-7"]}, {"aud": "api", "azp": "app-7"}, {"nbf": now - 1}]:
        count.check(f"a token with {changes}", same(200, ask(keys.rsa.token(issuer.subject(**changes)))[0]))
    modulus = keys.rsa.private.public_key().public_numbers().n.to_bytes(256, "big")
    claims, user = issuer.subject(), issuer.user()
    good = keys.rsa.token(claims)
    head, _, signature = good.split(".")
    forged = head_and_claims({}, issuer.subject(sub="root")).split(".")[1]
    of_foreign = lambda id, algorithm="RS256": Key.token(renamed(keys.foreign, id), claims, algorithm)
    for what, text in [
        ("none", unsigned(claims, keys.rsa, "none")), ("NONE", unsigned(claims, keys.rsa, "NONE")),
        ("no signature", unsigned(claims, keys.rsa, "RS256")),
        ("HS256 with a public key", shared(claims, keys.rsa, modulus)),
        ("HS256 with a public key that says no algorithm", shared(claims, keys.any_rsa, modulus)),
        ("HS256 as RS256", shared(claims, keys.rsa, modulus, "RS256")),
        ("a foreign key", keys.foreign.token(claims)), ("a foreign key by a known name", of_foreign("rsa")),
        ("a key of its own", keys.foreign.token(claims, jwk=keys.foreign.public())),
        ("a key from elsewhere", keys.foreign.token(claims, jku=f"{issuer.url}/{POOL}/.well-known/jwks.json")),
        ("another algorithm than the key's", keys.rsa.token(claims, "PS256")),
        ("an elliptic key by an RSA name", Key.token(renamed(keys.p256, "rsa"), claims)),
        ("what must be understood", keys.rsa.token(claims, crit=["b64"], b64=False)),
        ("other claims", f"{head}.{forged}.{signature}"),
        ("the pool's key", keys.pool.token(claims)),
        ("not valid yet", keys.rsa.token(issuer.subject(nbf=now + 60))),
        ("another audience", keys.rsa.token(issuer.subject(aud="other"))),
        ("a part of an audience", keys.rsa.token(issuer.subject(aud="xweb"))),
        ("no audience", keys.rsa.token(issuer.subject(aud=None))),
        ("no end", keys.rsa.token(issuer.subject(exp=None))),
        ("a pool's other client", keys.pool.token(issuer.user(aud="app-7"))),
        ("a pool's client by the wrong claim", keys.pool.token(issuer.user(aud=None, client_id="web"))),
        ("a pool's token of no use", keys.pool.token(issuer.user(token_use="refresh"))),
        ("a pool's user by the provider's key", keys.rsa.token(user)),
    ]:
        count.check(f"nobody is let in by {what}", same(REFUSED, ask(text)))
    for what, text in [
        ("an end that is past", keys.rsa.token(issuer.subject(exp=now - 1))),
        ("its lifetime", keys.rsa.token(issuer.subject(iat=now - 7201))),
        ("a pool's end that is past", keys.pool.token(issuer.user(exp=now - 1))),
    ]:
        count.check(f"a token expires by {what}", same(EXPIRED, ask(text)))
    for other in [f"{issuer.url}/other", f"{issuer.url}/login/x", f"https://cognito-idp.us-east-1.amazonaws.com/{POOL}x"]:
        # Nobody's token is the function's, which is not asked: its pattern is not like this one.
        count.check(f"an issuer that is none: {other}", same(REFUSED, ask(keys.rsa.token(issuer.subject(iss=other)))))
    count.check("an issuer that is away", same(REFUSED, ask(keys.rsa.token(issuer.subject(iss=f"{issuer.url}/away")))))


def renamed(key, id):
    other = object.__new__(Key)
    other.__dict__ |= key.__dict__ | {"id": id}
    return other


def signatures(count, api):
    body = json.dumps({"query": "{ who }"})
    for what, signer in [
        ("a wrong secret", Signer(secret="another")), ("an unknown key", Signer(key="AKIDOTHER")),
        ("another service", Signer(service="execute-api")), ("another region", Signer(region="eu-west-1")),
        ("a date that is past", Signer(ago=16 * 60)), ("a date to come", Signer(ago=-16 * 60)),
    ]:
        status, answer = api.post(signer.sign(api.url, body), body)
        count.check(f"no signature with {what}", same((403, False), (status, "data" in answer)))
        status, _ = api.post(signer.sign(api.url, body) | KEY, body)
        count.check(f"nor with a good key beside {what}", same(403, status))
    signed = Signer().sign(api.url, body)
    for what, header, sent in [
        ("another body", signed, body.replace("who", "note { secret }")),
        ("another path", Signer().sign(api.url + "/connect", body), body),
        ("another date", signed | {"X-Amz-Date": "20260101T000000Z"}, body),
        ("a header less", {name: value for name, value in signed.items() if name.lower() != "x-amz-date"}, body),
    ]:
        status, answer = api.post(header, sent)
        count.check(f"no signature over {what}", same(False, status == 200 or "data" in answer))
    for header in [{"x-api-key": "da2-other"}, {"x-api-key": ""}, {}, {"authorization": ""}, token("da2-modesdevelopment")]:
        count.check(f"nobody is let in by {header}", same(401, api.post(header, body)[0]))


def function(count, api, project):
    """What the function that authorises is told, how often it is asked, and what it can deny."""
    ask = lambda text: api.ask(token(text), "query Q { who }")
    calls = lambda text: sum(event["authorizationToken"] == text for event in project.told())
    for text, wanted in [("custom-nothing", 1), ("custom-no", 1), ("custom-each-time", 3), ("custom-for-two-seconds", 1)]:
        statuses = {ask(text)[0] for _ in range(3)}
        count.check(f"{text} is answered", same({401 if text == "custom-no" else 200}, statuses))
        count.check(f"{text} is asked about", same(wanted, calls(text)))
    began = time.monotonic()
    query = "query Q { who whoInVtl note { text secret } }"
    status, answer = api.post(token("custom-denied"), json.dumps({"query": query, "operationName": "Q"}))
    messages = sorted(error["message"] for error in answer["errors"])
    fields = ["Not Authorized to access secret on type Note", "Not Authorized to access whoInVtl on type Query"]
    count.check("what it denies is denied", same((200, fields), (status, messages)))
    count.check("and nothing else", same({"text": "hello", "secret": None}, answer["data"]["note"]))
    [event] = [event for event in project.told() if event["authorizationToken"] == "custom-denied"]
    context = event["requestContext"]
    told = {name: context[name] for name in ["accountId", "queryString", "operationName", "variables"]}
    wanted = {"accountId": "123456789012", "queryString": query, "operationName": "Q", "variables": {}}
    count.check("it is told what is asked", same(wanted, told))
    count.check("and the headers", same("custom-denied", {name.lower(): value for name, value in event["requestHeaders"].items()}["authorization"]))
    for text in ["custom-odd", "custom-nested", "custom-unknown"]:
        count.check(f"nobody is let in by {text}", same(REFUSED, ask(text)))
    before = len(project.told())
    for text in ["other-plain", "Bearer custom-plain", "xcustom-plain"]:
        count.check(f"it is not asked about {text}", same(REFUSED, ask(text)))
    count.check("as its pattern says", same(before, len(project.told())))
    time.sleep(max(0, began + 2.1 - time.monotonic()))
    ask("custom-for-two-seconds")
    count.check("a yes of two seconds is asked about again", same(2, calls("custom-for-two-seconds")))


def subscriptions(count, api, people, issuer, keys):
    """Each mode opens a socket, subscribes, and hears what each mode says."""
    sockets = {}
    for mode, (who, _, _) in people.items():
        sockets[mode] = api.socket(who)
        count.check(f"{mode} connects", same("connection_ack", sockets[mode].answer["type"]))
        ack = sockets[mode].start(who, 'subscription { said(room: "blue") { room text by } }')
        count.check(f"{mode} subscribes", same("start_ack", ack["type"]))
    for mode, (who, _, identity) in people.items():
        api.data(who, f'mutation {{ say(room: "red", text: "{mode}") {{ room text by }} }}')
        said = api.data(who, f'mutation {{ say(room: "blue", text: "{mode}") {{ room text by }} }}')["say"]
        count.check(f"{mode} says something", same(identity, json.loads(said["by"]) if said["by"] else None))
        for listener, socket in sockets.items():
            count.check(f"{listener} hears {mode}", same({"said": said}, socket.hear().get("payload", {}).get("data")))
    socket = sockets["API_KEY"]
    for mode, (who, _, _) in people.items():
        wanted = "start_ack" if mode == "AMAZON_COGNITO_USER_POOLS" else "error"
        heard = socket.start(who, "subscription { saidToStaff { text } }")
        count.check(f"{mode} subscribes for the staff beside a key", same(wanted, heard["type"]))
        if wanted == "error":
            message = "Not Authorized to access saidToStaff on type Subscription"
            count.check(f"{mode} is told why not", same(message, heard["payload"]["errors"][0].get("message")))
    # That of the staff hears everything from now on.
    socket = sockets["AWS_IAM"]
    heard = socket.start(KEY, 'subscription { said(room: "green") { text forSigned } }')
    count.check("a field of others may be asked for", same("start_ack", heard["type"]))
    api.data(people["AWS_IAM"][0], 'mutation { say(room: "green", text: "hi") { room text forSigned } }')
    payload = socket.hear()["payload"]
    count.check("and is not told", same({"said": {"text": "hi", "forSigned": None}}, payload["data"]))
    count.check("which is told", same(["Not Authorized to access forSigned on type Note"], [error["message"] for error in payload["errors"]]))
    bad = {
        "a foreign token": token(keys.foreign.token(issuer.subject())), "none": token(unsigned(issuer.subject(), keys.rsa, "none")),
        "a wrong key": {"x-api-key": "da2-wrong"}, "a wrong secret": Signer(secret="another"),
        "an old signature": Signer(ago=16 * 60), "the function's no": token("custom-no"),
    }
    for what, who in bad.items():
        heard = socket.start(who, "subscription { said { text } }")
        count.check(f"nobody subscribes with {what}", same(("error", True), (heard["type"], "errorType" in json.dumps(heard))))
        refused = api.socket(who)
        count.check(f"nobody connects with {what}", same("connection_error", refused.answer["type"]))
        count.check(f"and that is the end with {what}", same({"type": "closed", "code": 1008}, refused.hear()))
    for socket in sockets.values():
        socket.close()


def expiring(count, api, issuer, keys):
    """A connection ends with the token that it was opened with."""
    who = token(keys.rsa.token(issuer.subject(exp=int(time.time()) + 3)))
    socket = api.socket(who)
    socket.start(who, "subscription { said { text } }")
    began = time.monotonic()
    heard = socket.hear()
    # The subscription is told first.
    while heard["type"] != "closed":
        heard = socket.hear()
    count.check("a token's end ends its socket", same(({"type": "closed", "code": 1008}, True), (heard, time.monotonic() - began < 6)))


def rotation(count, api, issuer, keys):
    """Keys are exchanged while tokens are in flight, and nobody notices."""
    current, done, problems, asked = [keys.rsa], threading.Event(), [], []

    def go():
        while not done.is_set():
            status, answer = api.ask(token(current[0].token(issuer.subject())), "{ forTokens }")
            asked.append(status)
            if status != 200:
                problems.append(f"{status} {answer}")

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        running = [pool.submit(go) for _ in range(6)]
        time.sleep(max(0.2, issuer.last("login") + PAUSE_SECONDS + 0.1 - time.monotonic()))
        before, new = issuer.count("login"), Key("new", "ES256")
        issuer.keys["login"] = [keys.rsa, new]
        current[0] = new
        time.sleep(1)
        issuer.keys["login"] = [new]
        fetched = issuer.count("login") - before
        # Anybody can name keys that there are not.
        for number in range(30):
            made_up = Key.token(renamed(keys.foreign, f"made-up-{number}"), issuer.subject())
            count.check("a key that is made up", same(REFUSED, api.ask(token(made_up), "{ forTokens }")))
        after = issuer.count("login") - before
        issuer.stop()
        time.sleep(0.5)
        done.set()
    for each in running:
        each.result()
    count.check("a new key is fetched once, whoever comes with it, and made-up ones cost nothing", same((1, 1), (fetched, after)))
    count.check("no token in flight is refused", same([], problems[:3]))
    count.check("there were some", same(True, len(asked) > 30))
    for key in [new, keys.rsa]:
        status, _ = api.ask(token(key.token(issuer.subject())), "{ forTokens }")
        count.check(f"without its issuer the key {key.id} is good still", same(200, status))


def clients(folder, project, api, issuer, keys, root):
    """What Amplify and Apollo come to, both at once."""
    subject, user = issuer.subject(), issuer.user()
    told = root / "modes.json"
    told.write_text(json.dumps({
        "url": api.url, "region": "us-east-1", "apiKey": KEY["x-api-key"], "accessKeyId": ACCESS_KEY, "secretAccessKey": SECRET,
        "oidc": keys.p256.token(subject), "userPool": keys.pool.token(user), "lambda": "custom-plain",
        "foreign": keys.foreign.token(subject),
    }))
    environment = {**os.environ, "NODE_EXTRA_CA_CERTS": project.ca_file}
    run = lambda program: subprocess.run(
        ["node", program, str(told)], cwd=folder, env=environment, capture_output=True, text=True, timeout=60
    )
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return dict(zip(["Amplify", "Apollo"], pool.map(run, ["modes_amplify.mjs", "modes_apollo.mjs"])))


def main():
    stepwell = os.path.abspath(sys.argv[1])
    node = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
    clean_environment()
    began = time.monotonic()
    root, count = pathlib.Path(tempfile.mkdtemp(prefix="stepwell-modes-")), Count()
    with Issuer() as issuer:
        keys = Keys(issuer)
        project = Project(stepwell, root, issuer)
        try:
            api, users = project.api("modes"), project.api("users")
            people = everybody(issuer, keys)
            identities(count, api, people)
            directives(count, api, people)
            groups(count, api, users, issuer, keys)
            tokens(count, api, issuer, keys)
            signatures(count, api)
            function(count, api, project)
            subscriptions(count, api, people, issuer, keys)
            expiring(count, api, issuer, keys)
            if node:
                for what, done in clients(node, project, api, issuer, keys, root).items():
                    print(done.stdout, end="")
                    count.check(what, None if done.returncode == 0 else f"{done.stdout}\n{done.stderr}")
            else:
                print("no Node: Amplify and Apollo are left out")
            rotation(count, api, issuer, keys)
            count.check("the log names the issuer that is away", same(True, f"{issuer.url}/away" in project.said()))
            secrets = [SECRET, "eyJ", "custom-", KEY["x-api-key"]]
            count.check("no secret is in the log", same([], [secret for secret in secrets if secret in project.said()]))
        finally:
            project.close()
            if count.failed == 0:
                shutil.rmtree(root, ignore_errors=True)
            else:
                print(f"what the server said is in {root / 'said'}")
    print(f"modes: {time.monotonic() - began:.1f} s")
    count.finish()


if __name__ == "__main__":
    main()

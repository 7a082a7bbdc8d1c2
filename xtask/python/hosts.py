"""Writes where AWS's services are: `crates/aws-models/data/hosts.txt`, read by `crates/aws-models/src/hosts.rs`.

Most are at `PREFIX.REGION.SUFFIX`. The rest are found by asking botocore's endpoint rules for every region, and
each gets as few rows as tell the same. Never here: a network.

usage: python hosts.py OUTPUT
"""

import sys
from collections import Counter

import botocore
import botocore.endpoint_provider
import botocore.exceptions
import botocore.loaders
import botocore.regions

LOADER = botocore.loaders.Loader()
PARTITIONS = LOADER.load_data("partitions")
RESOLVER = botocore.regions.EndpointResolver(LOADER.load_data("endpoints"))
REGULAR = ("{prefix}.{region}.{suffix}", "{region}", "{name}")
HEADER = f"""\
# Where AWS's services are, by botocore {botocore.__version__}. `cargo xtask models` writes this.
#
# partition NAME SUFFIX OTHER-SUFFIX GLOBAL-REGION [WHAT-ITS-REGIONS-BEGIN-WITH]
# host SERVICE[.OPERATION,…] *|PARTITION|REGION HOST[/PATH] SIGNING-REGION SIGNING-NAME
#
# What has no row is at {REGULAR[0]}, and signed for region and name. Of the rows of a service the
# narrowest counts, those of an operation before all others. `-` is nowhere.
"""


def main(output):
    rows = [HEADER]
    for partition in PARTITIONS["partitions"]:
        outputs = partition["outputs"]
        fields = [partition["id"], outputs["dnsSuffix"], outputs["dualStackDnsSuffix"], outputs["implicitGlobalRegion"]]
        rows.append(" ".join(["partition", *fields, *beginning(partition)]) + "\n")
    for service in LOADER.list_available_services("service-2"):
        rows += Hosts(service).rows()
    with open(output, "w") as file:
        file.write("".join(rows))


def beginning(partition):
    """What all names of a partition's regions begin with. The first partition has all other regions."""
    if partition["id"] == "aws":
        return []
    return ["-".join(part for part in partition["regionRegex"].strip("^$").split("\\-")[:-2] if "(" not in part) + "-"]


def regions(partition):
    """The real regions of a partition, without those that stand for all."""
    return sorted(region for region in partition["regions"] if not region.endswith("-global"))


REGIONS = [(partition, region) for partition in PARTITIONS["partitions"] for region in regions(partition)]


class Hosts:
    """What the endpoint rules say of one service."""

    def __init__(self, service):
        self.service = service
        model = LOADER.load_service_model(service, "service-2")
        metadata = model["metadata"]
        self.prefix = metadata["endpointPrefix"]
        self.signing_name = metadata.get("signingName", self.prefix)
        self.rules = LOADER.load_service_model(service, "endpoint-rule-set-1")
        self.provider = botocore.endpoint_provider.EndpointProvider(self.rules, PARTITIONS)
        self.operations = {name: self.given(model, operation) for name, operation in model["operations"].items()}

    def given(self, model, operation):
        """What the rules are told of an operation: what is the same for all of its calls, and that there is a bucket."""
        given = {name: value["value"] for name, value in operation.get("staticContextParams", {}).items()}
        members = model["shapes"][operation["input"]["shape"]]["members"] if "input" in operation else {}
        if self.service == "s3" and "Bucket" in members:
            given["Bucket"] = "bucket"
        return given

    def rows(self):
        """The service's rows, and those of operations that are elsewhere."""
        alike = {}
        for name, given in sorted(self.operations.items()):
            alike.setdefault(frozen(given), []).append(name)
        usual = self.places(max(alike, key=lambda given: len(alike[given])))
        rows = self.rows_of(self.service, usual)
        for given, names in alike.items():
            places = self.places(given)
            if places != usual:
                rows += self.rows_of(f"{self.service}.{','.join(names)}", places)
        return rows

    def places(self, given):
        return {region: self.place(region, dict(given)) for _, region in REGIONS}

    def place(self, region, given):
        """Host, region and name to sign for, as the rules have them; None if they refuse."""
        arguments = {name: known["default"] for name, known in self.rules["parameters"].items() if "default" in known}
        arguments |= {"Region": region, **given}
        if self.service == "s3":
            arguments["ForcePathStyle"] = True
        # The model says that the account stands before the host.
        arguments.pop("RequiresAccountId", None)
        arguments = {name: value for name, value in arguments.items() if name in self.rules["parameters"]}
        try:
            endpoint = self.provider.resolve_endpoint(**arguments)
        except botocore.exceptions.EndpointProviderError:
            return None
        schemes = (endpoint.properties or {}).get("authSchemes") or [{}]
        scheme = next((scheme for scheme in schemes if scheme.get("name") == "sigv4"), schemes[0])
        host = endpoint.url.removeprefix("https://").removesuffix("/bucket")
        signing_region = scheme.get("signingRegion") or self.scope(region).get("region", region)
        return host, signing_region, scheme.get("signingName", self.signing_name)

    def scope(self, region):
        """What botocore's older table says of signatures, for services whose rules are silent."""
        return (RESOLVER.construct_endpoint(self.prefix, region) or {}).get("credentialScope", {})

    def rows_of(self, key, places):
        """As few rows as tell all places."""
        candidates = dict.fromkeys(form for partition, region in REGIONS for form in self.forms(partition, region, places))
        rows = min((self.rows_with(form, places) for form in candidates), key=lambda rows: (len(rows), str(rows)))
        return [f"host {key} {place} {' '.join(form or '-')}\n" for place, form in rows.items() if rows != {"*": REGULAR}]

    def rows_with(self, usual, places):
        """The rows, if this form is the usual one."""
        rows = {} if usual == REGULAR else {"*": usual}
        for partition in PARTITIONS["partitions"]:
            known = [region for region in regions(partition)]
            wrong = [region for region in known if self.expand(usual, partition, region) != places[region]]
            if len(wrong) > 1 or len(wrong) == len(known):
                forms = Counter(form for region in known for form in self.forms(partition, region, places))
                form = min(forms, key=lambda form: (-forms[form], form or ()))
                rows[partition["id"]] = form
                wrong = [region for region in known if self.expand(form, partition, region) != places[region]]
            for region in wrong:
                rows[region] = min(self.forms(partition, region, places))
        return rows

    def forms(self, partition, region, places):
        """How a place can be written."""
        if places[region] is None:
            return [None]
        host, signing_region, signing_name = places[region]
        name = "{name}" if signing_name == self.signing_name else signing_name
        if name == "{name}" and self.expand(REGULAR, partition, region) == places[region]:
            return [REGULAR]
        domain, slash, path = host.partition("/")
        outputs = partition["outputs"]
        for suffix, field in ((outputs["dualStackDnsSuffix"], "{other}"), (outputs["dnsSuffix"], "{suffix}")):
            if domain.endswith("." + suffix):
                domain = domain.removesuffix(suffix) + field
                break
        if domain.startswith(self.prefix + "."):
            domain = "{prefix}" + domain.removeprefix(self.prefix)
        fields = {"{region}": region, "{global}": outputs["implicitGlobalRegion"]}
        dotted = f".{domain}"
        hosts = [dotted.replace(f".{value}.", f".{field}.")[1:] for field, value in fields.items() if f".{value}." in dotted]
        signing = [field for field, value in fields.items() if value == signing_region] or [signing_region]
        return [(form + slash + path, signs, name) for form in hosts or [domain] for signs in signing]

    def expand(self, form, partition, region):
        """What a form means."""
        if form is None:
            return None
        outputs = partition["outputs"]
        names = {"prefix": self.prefix, "name": self.signing_name, "region": region}
        names |= {"suffix": outputs["dnsSuffix"], "other": outputs["dualStackDnsSuffix"]}
        names |= {"global": outputs["implicitGlobalRegion"]}
        return tuple(field.format(**names) for field in form)


def frozen(given):
    return tuple(sorted(given.items()))


if __name__ == "__main__":
    main(sys.argv[1])

#!/usr/bin/env python3
"""Verifies a Signalbox evidence pack without Signalbox.

A second implementation of the procedure V4 in docs/spec/execution-audit.md. It shares no code with the console and needs
Python 3.9 or newer and the package `cryptography` (Debian: python3-cryptography). It reads the pack's page (.html) or its
document (.json), touches no network, and writes nothing but its answer.

    verify_pack.py FILE [--json] [--head SIZE:ROOT] [--log-key THUMBPRINT]
    verify_pack.py --cases FILE        one JSON object a line in: {"pack": text, "head"?, "logKey"?}; one report a line out
    verify_pack.py --claims FILE       one JSON object a line in: {"typ", "claims"}; whether they fit a line out

What claims a type has says `claims.jsonl` beside this file (JSON Schema); how it is read, and what relates claims to each
other, is written here.

Exit code 0: authentic, included, consistent, complete and plausible in time. 1: something is not; the first bad place is
named. 2: no such file, or wrong arguments.
"""

import argparse
import base64
import decimal
import hashlib
import json
import pathlib
import re
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

SKEW_S = 30
BACKDATED_S = 900
MAX_TOKEN = 16384
MAX_DEPTH = 64
MAX_SAFE = 2**53 - 1
QUESTIONS = ("authentic", "included", "consistent", "complete", "plausible")

# Types that carry an audience and an end, always. Of others the signature, the issuer and the time they were made count.
ADDRESSED = {
    "exec+jwt", "wimse-exec+jwt", "intent+jwt", "acp+jwt", "acp-revocation+jwt", "hitl-request+jwt",
    "hitl-decision+jwt", "hitl-handling+jwt", "hitl-withdrawal+jwt", "hitl-review+jwt", "standing-grant+jwt",
    "grant-revocation+jwt", "evidence-request+jwt", "role-statement+jwt", "trust-statement+jwt", "override+jwt", "override-cosign+jwt",
    "override-ack+jwt", "rollback-request+jwt", "rollback-result+jwt", "residue-handling+jwt", "failure-signal+jwt",
    "circuit-state+jwt", "breaker-order+jwt", "lease+jwt", "audit-handoff+jwt", "audit-countersign+jwt",
    "crossing-handling+jwt", "operator-enrolment+jwt", "exec-audit+jwt", "usage-record+jwt", "tariff+jwt",
    "settlement+jwt", "usage-correction+jwt", "ledger-import+jwt", "audit-query+jwt", "audit-query-decision+jwt", "domain-order+jwt",
    "audit-trail+jwt", "bench-order+jwt", "behavior-profile+jwt", "behavior-order+jwt", "bet+jwt", "ear+jwt",
}  # fmt: skip
EXECUTIONS = {"exec+jwt", "wimse-exec+jwt"}
# What others may follow: evidence of conduct is an execution context of the same DAG.
TASKS = EXECUTIONS | {"bet+jwt"}
# Types whose id may come again (COM-7).
AGAIN = {"override-cosign+jwt", "audit-sth+jwt", "audit-receipt+jwt"}


class Bad(Exception):
    """The first thing that is wrong: which question it answers no, and where."""

    def __init__(self, code, detail, place="", question="authentic", seq=0):
        super().__init__(detail)
        self.code, self.detail, self.place, self.question, self.seq = code, detail, place, question, seq

    def at(self, place, question, seq):
        self.place, self.question, self.seq = place, question, seq
        return self


# --- JSON, strictly (RFC 8259 without what two readers read differently), and its canonical bytes (RFC 8785) ---


def strict_json(text):
    """The value, or Bad: no repeated member, no lone surrogate, no NaN, at most 64 deep."""
    check_depth(text)

    def members(pairs):
        found = dict(pairs)
        if len(found) != len(pairs):
            raise Bad("json_malformed", "a member name occurs twice", "$")
        return found

    def constant(name):
        raise Bad("json_malformed", f"{name} is no JSON", "$")

    def integer(digits):
        # Beyond 2^53 every reader that has only doubles sees the nearest one.
        value = int(digits) if len(digits) < 400 else float("inf")
        return value if -MAX_SAFE <= value <= MAX_SAFE else float(digits)

    try:
        value = json.loads(text, object_pairs_hook=members, parse_constant=constant, parse_int=integer)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError, OverflowError) as error:
        raise Bad("json_malformed", str(error)[:200], "$") from None
    return value


def check_depth(text):
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for part in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text, re.DOTALL):
        mark = part.group()
        if mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Bad("json_malformed", f"nested deeper than {MAX_DEPTH}", "$")
        elif mark in "]}":
            depth -= 1


string_text = json.JSONEncoder(ensure_ascii=False).encode


def number_text(value):
    """ECMAScript's Number::toString, which RFC 8785 prescribes."""
    if isinstance(value, int):
        return str(value)
    if value != value or value in (float("inf"), float("-inf")):
        raise Bad("json_malformed", "no canonical form of NaN or an infinity", "$")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    shown = digits[0] + ("." + digits[1:] if count > 1 else "")
    return f"{sign}{shown}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def canonical(value):
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, (int, float)):
        return number_text(value)
    if isinstance(value, str):
        return string_text(value)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be"))
    return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in names) + "}"


def sha256(data):
    return hashlib.sha256(data).digest()


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text):
    """Bytes of unpadded base64url with one spelling only, or None."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        return None
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return data if b64(data) == text else None


def object_digest(value):
    return b64(sha256(canonical(value).encode("utf-8")))


def token_digest(token):
    return b64(sha256(token.encode("utf-8")))


# --- Merkle tree (RFC 9162 section 2.1) ---

EMPTY_ROOT = sha256(b"")


def leaf_hash(data):
    return sha256(b"\x00" + data)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


class Tree:
    """A compact range: the roots of the perfect subtrees of what was appended so far."""

    def __init__(self):
        self.roots, self.size = [], 0

    def append(self, leaf):
        node, bits = leaf, self.size
        while bits & 1:
            node, bits = node_hash(self.roots.pop(), node), bits >> 1
        self.roots.append(node)
        self.size += 1

    def root(self):
        if not self.roots:
            return EMPTY_ROOT
        node = self.roots[-1]
        for left in reversed(self.roots[:-1]):
            node = node_hash(left, node)
        return node


def inclusion_holds(index, size, leaf, path, root):
    if index >= size or any(len(node) != 32 for node in [*path, root]):
        return False
    fn, sn, node = index, size - 1, leaf
    for sibling in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            node = node_hash(sibling, node)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = node_hash(node, sibling)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and node == root


def consistency_holds(size1, root1, size2, root2, path):
    if any(len(node) != 32 for node in [root1, root2, *path]) or size1 > size2:
        return False
    if size1 == size2:
        return not path and root1 == root2
    if size1 == 0:
        return not path
    if size1 & (size1 - 1) == 0:
        path = [root1, *path]
    if not path:
        return False
    fn, sn = size1 - 1, size2 - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for node in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            first, second = node_hash(node, first), node_hash(node, second)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, node)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and first == root1 and second == root2


# --- Formats ---

DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


def is_digest(value):
    return isinstance(value, str) and bool(DIGEST.fullmatch(value))


def is_uuid(value):
    return isinstance(value, str) and bool(UUID.fullmatch(value))


def is_uri(value):
    return isinstance(value, str) and 3 <= len(value) <= 1024 and bool(URI.fullmatch(value))


def is_size(value):
    if isinstance(value, bool):
        return False
    if isinstance(value, float):
        return value.is_integer() and 0 <= value <= MAX_SAFE
    return isinstance(value, int) and 0 <= value <= MAX_SAFE


def is_text(low, high):
    return lambda value: isinstance(value, str) and low <= len(value.encode("utf-16-be")) // 2 <= high


def is_jwk(value):
    if not isinstance(value, dict):
        return False
    elliptic = value.get("kty") == "EC"
    curve, algorithms, own = (
        ("P-256", ("ES256",), {"x", "y"}) if elliptic else ("Ed25519", ("EdDSA", "Ed25519"), {"x"})
    )
    return (
        value.get("kty") in ("EC", "OKP")
        and value.get("crv") == curve
        and set(value) <= {"kty", "crv", "alg", "kid"} | own
        and all(isinstance(value.get(name), str) and len(value[name]) == 43 for name in own)
        and ("alg" not in value or value["alg"] in algorithms)
        and ("kid" not in value or isinstance(value["kid"], str))
    )


# --- Keys and tokens (CTV) ---


class Key:
    def __init__(self, jwk, subject):
        bare = {name: jwk[name] for name in ("kty", "crv", "x", "y") if name in jwk}
        self.kid = b64(sha256(canonical(bare).encode("utf-8")))
        self.subject = subject
        x = unb64(jwk["x"])
        if jwk["kty"] == "EC":
            y = unb64(jwk["y"])
            numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1())
            self.alg, self.key = "ES256", numbers.public_key()
        else:
            self.alg, self.key = "EdDSA", ed25519.Ed25519PublicKey.from_public_bytes(x)
        self.raw = x
        self.known = {}

    def fits(self, signed, signature):
        """Asked again for the same bytes, the answer is known."""
        name = (signed, signature)
        if name not in self.known:
            self.known[name] = self.verify(signed, signature)
        return self.known[name]

    def verify(self, signed, signature):
        try:
            if self.alg == "EdDSA":
                self.key.verify(signature, signed)
            else:
                if len(signature) != 64:
                    return False
                r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
                self.key.verify(utils.encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
            return True
        except InvalidSignature:
            return False


KEYS = {}


def key_of(jwk, subject):
    """The key of a JWK, or None where it is no point of its curve."""
    name = (canonical(jwk), subject)
    if name not in KEYS:
        try:
            KEYS[name] = Key(jwk, subject)
        except (ValueError, TypeError):
            KEYS[name] = None
    return KEYS[name]


class Token:
    """CTV 1 to 3: the segments, and two JSON objects in which nothing is said twice."""

    def __init__(self, compact):
        self.compact = compact
        if len(compact) > MAX_TOKEN:
            raise Bad("token_too_large", f"a token has at most {MAX_TOKEN} bytes")
        segments = compact.split(".")
        decoded = [unb64(segment) if segment else None for segment in segments]
        if len(decoded) != 3 or None in decoded:
            raise Bad("token_malformed", "three non-empty base64url segments without padding are expected")
        self.signature = decoded[2]
        self.signed = compact[: compact.rindex(".")].encode("ascii")
        self.header, self.payload = (json_object(data) for data in decoded[:2])
        if "crit" in self.header or any(
            name in self.header and not isinstance(self.header[name], str) for name in ("alg", "kid", "typ")
        ):
            raise Bad("token_malformed", "a header member is not understood")
        typ = self.header.get("typ", "").lower()
        self.typ = typ[len("application/") :] if typ.startswith("application/") else typ


def json_object(data):
    try:
        value = strict_json(data.decode("utf-8"))
    except (UnicodeDecodeError, Bad):
        raise Bad("token_malformed", "header and payload are JSON objects without repeated member names") from None
    if not isinstance(value, dict) or not exact(value):
        raise Bad("token_malformed", "header and payload are JSON objects with exact numbers")
    return value


def exact(value):
    """COM-13: integers within 2^53 - 1, or finite decimals."""
    if isinstance(value, float):
        return value == value and abs(value) != float("inf") and (not value.is_integer() or abs(value) <= MAX_SAFE)
    if isinstance(value, dict):
        return all(map(exact, value.values()))
    return all(map(exact, value)) if isinstance(value, list) else True


TOKENS = {}


def parse_token(compact):
    """Each compact token is parsed once; what is wrong with it is wrong each time."""
    if compact not in TOKENS:
        try:
            TOKENS[compact] = Token(compact)
        except Bad as bad:
            TOKENS[compact] = bad
    found = TOKENS[compact]
    if isinstance(found, Bad):
        raise Bad(found.code, found.detail)
    return found


def verify_token(compact, keys, now, own_ids, only=None):
    """CTV 1 to 12; the token, or Bad with the one code of the first step that fails."""
    token = parse_token(compact)
    if (token.typ != only) if only else (token.typ not in SCHEMAS):
        raise Bad("token_wrong_type", f"typ is {token.typ or 'absent'}")
    alg = {"ES256": "ES256", "EdDSA": "EdDSA", "Ed25519": "EdDSA"}.get(token.header.get("alg"))
    if alg is None:
        raise Bad("token_alg_forbidden", "the algorithm is not allowed here")
    key = keys.get(token.header.get("kid"))
    if key is None:
        raise Bad("token_key_unknown", "no trusted issuer has this key")
    if key.alg != alg:
        raise Bad("token_alg_forbidden", "the key is not for this algorithm")
    if not key.fits(token.signed, token.signature):
        raise Bad("token_signature_invalid", "the signature does not fit the bytes and the key")
    check_claims(token)
    if token.payload["iss"] != key.subject:
        raise Bad("token_issuer_mismatch", "iss is not the identity the key is bound to")
    check_audience(token, own_ids)
    check_times(token, now)
    return token


def check_claims(token):
    """CTV 9: the claims are those of the type, and fit each other."""
    typ, claims = token.typ, token.payload
    if typ == "evidence-pack+jwt":
        if not (is_uri(claims.get("iss")) and is_size(claims.get("iat")) and is_uuid(claims.get("jti"))):
            raise Bad("token_claim_invalid", "the seal does not say who made it, and when")
        return
    if not claims_fit(typ, claims):
        raise Bad("token_claim_invalid", f"the claims are not those of a {typ}")


def claims_fit(typ, claims):
    named = with_new_names(typ, claims)
    if named is None:
        return False
    schema = SCHEMAS[typ]
    text = TRIMMED.get(typ)
    if text in named and isinstance(named[text], str):
        named = {**named, text: re.sub(f"^[{WHITE}]+|[{WHITE}]+$", "", named[text])}
    if not fits(schema["claims"], named, schema["claims"]):
        return False
    return all(holds(named) for holds in RELATIONS.get(typ, ()))


def with_new_names(typ, claims):
    """An execution token of -00 under the names of -01; None where something is said under both names."""
    if typ in EXECUTIONS and "par" in claims and "pred" in claims:
        return None
    if typ != "wimse-exec+jwt":
        return claims
    if "ext" in claims and "ect_ext" in claims:
        return None
    policy = {name: claims[name] for name in ("pol", "pol_decision") if name in claims}
    named = {name: value for name, value in claims.items() if name not in ("par", "ext", "pol", "pol_decision")}
    for old, new in (("par", "pred"), ("ext", "ect_ext")):
        if old in claims:
            named[new] = claims[old]
    into = named.get("ect_ext", {})
    if not policy or not isinstance(into, dict):
        return named
    if any(name in into and canonical(into[name]) != canonical(value) for name, value in policy.items()):
        return None
    return {**named, "ect_ext": {**into, **policy}}


# --- Claims by type: JSON Schema, as far as claims.jsonl uses it ---

SCHEMAS = {}


def read_schemas():
    """What the claims of each type are, from the file beside this one: without it nothing is verified."""
    with open(pathlib.Path(__file__).with_name("claims.jsonl"), encoding="utf-8") as lines:
        SCHEMAS.update((one["typ"], one) for one in map(json.loads, lines))


TYPES = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": lambda value: is_number(value) and (isinstance(value, int) or value.is_integer()),
}


def is_number(value):
    return TYPES["number"](value)


def length(text):
    """UTF-16 code units, as the other implementation counts."""
    return len(text.encode("utf-16-be", "surrogatepass")) // 2


# What a schema's pattern calls white space, which Python's \\s does not quite.
WHITE = "\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
PATTERNS = {}


def pattern(text):
    """A pattern of ECMAScript: digits are ASCII, white space is its own, and `$` is the very end."""
    if text not in PATTERNS:
        own = text.replace("\\d", "[0-9]").replace("\\S", f"[^{WHITE}]").replace("\\s", WHITE)
        PATTERNS[text] = re.compile(own[:-1] + "\\Z" if own.endswith("$") else own)
    return PATTERNS[text]


def same(one, other):
    return canonical(one) == canonical(other)


CHECKS = {
    "type": lambda rule, value, root: TYPES[rule](value),
    "const": lambda rule, value, root: same(rule, value),
    "enum": lambda rule, value, root: any(same(one, value) for one in rule),
    "anyOf": lambda rule, value, root: any(fits(one, value, root) for one in rule),
    "oneOf": lambda rule, value, root: sum(fits(one, value, root) for one in rule) == 1,
    "$ref": lambda rule, value, root: fits(root["$defs"][rule[len("#/$defs/") :]], value, root),
    "minLength": lambda rule, value, root: not isinstance(value, str) or length(value) >= rule,
    "maxLength": lambda rule, value, root: not isinstance(value, str) or length(value) <= rule,
    "pattern": lambda rule, value, root: not isinstance(value, str) or bool(pattern(rule).search(value)),
    "minimum": lambda rule, value, root: not is_number(value) or value >= rule,
    "maximum": lambda rule, value, root: not is_number(value) or value <= rule,
    "exclusiveMinimum": lambda rule, value, root: not is_number(value) or value > rule,
    "minItems": lambda rule, value, root: not isinstance(value, list) or len(value) >= rule,
    "maxItems": lambda rule, value, root: not isinstance(value, list) or len(value) <= rule,
    "items": lambda rule, value, root: not isinstance(value, list) or all(fits(rule, one, root) for one in value),
    "required": lambda rule, value, root: not isinstance(value, dict) or all(name in value for name in rule),
    "properties": lambda rule, value, root: not isinstance(value, dict)
    or all(fits(rule[name], value[name], root) for name in rule if name in value),
    "propertyNames": lambda rule, value, root: not isinstance(value, dict)
    or all(fits(rule, name, root) for name in value),
}
SAID_ELSEWHERE = {"default", "$defs", "additionalProperties"}


def fits(schema, value, root):
    """Whether a value is as a schema says. A word that is not understood here is an error, and never passed over."""
    for word, rule in schema.items():
        if word not in SAID_ELSEWHERE and not CHECKS[word](rule, value, root):
            return False
    others = schema.get("additionalProperties")
    if others is None or others is True or not isinstance(value, dict):
        return True
    rest = [name for name in value if name not in schema.get("properties", {})]
    return not rest if others is False else all(fits(others, value[name], root) for name in rest)


# --- What relates the claims of a type to each other, which no such schema says ---


def distinct(values):
    return len(set(map(canonical, values))) == len(values)


def both_or_none(name, holds):
    """A claim that is there exactly when the others say so."""
    return lambda claims: (name in claims) == bool(holds(claims))


def distinct_predecessors(claims):
    named = claims["pred"]
    return distinct(named) and claims["jti"] not in named


def plan_holds(claims):
    """Steps numbered from 1, each after what it depends on, each for another task."""
    steps = claims.get("plan")
    if steps is None:
        return True
    for at, step in enumerate(steps):
        after = step["depends_on"]
        ascending = all(one < two for one, two in zip([0, *after], after))
        if step["n"] != at + 1 or not ascending or any(one >= step["n"] for one in after):
            return False
    return distinct([step["task"] for step in steps])


STEP_ANSWERS = {"prepare": ("ready", "refused"), "abort": ("done", "failed"), "confirm": ("done", "failed")}


def fits_phase(claims):
    phase, status = claims["phase"], claims["status"]
    return status in STEP_ANSWERS[phase] if phase in STEP_ANSWERS else status not in STEP_ANSWERS["prepare"]


UNIT_OF = {
    "cpu": "core_s", "gpu": "gpu_s", "memory": "gib_s", "network_in": "byte", "network_out": "byte",
    "storage": "gib_h", "api_call": "call", "llm_input_token": "token", "llm_output_token": "token",
    "llm_cached_token": "token", "human_review": "s", "agent_time": "s",
}  # fmt: skip


def tariff_holds(claims):
    tariff = claims["tariff"]
    lines = tariff["lines"]
    for line in lines:
        ends = [decimal.Decimal(tier["upto"]) for tier in line.get("tiers", [])]
        ascending = all(one < two for one, two in zip([decimal.Decimal(0), *ends], ends))
        if UNIT_OF[line["resource"]] != line["unit"] or not ascending:
            return False
    ends_later = "valid_to" not in tariff or tariff["valid_to"] > tariff["valid_from"]
    return ends_later and distinct([line["resource"] for line in lines])


def usage_holds(claims):
    items = claims["items"]
    negative = any(item["quantity"].startswith("-") for item in items)
    return (
        claims["period"]["from"] < claims["period"]["to"]
        and ("correction_of" in claims or not negative)
        and distinct([item["resource"] for item in items])
    )


def trust_holds(claims):
    trust = claims.get("trust", {})
    kids = [key.get("kid", "") for key in trust["keys"]] if trust.get("kind") == "jwks" else []
    return ("trust" in claims) != ("ends" in claims) and "" not in kids and distinct(kids)


RULE_IDS = ["action-forbidden", "action-not-allowed"]


def profile_holds(claims):
    """Rules with ids of their own, thresholds in order, shares that add up."""
    profile = claims["profile"]
    rules, limits, bounds = profile.get("sequences", []), profile.get("limits", []), profile["thresholds"]
    for rule in rules:
        if (rule["kind"] == "must_follow" and "within_s" not in rule) or (
            rule["kind"] == "must_precede" and "within_s" in rule
        ):
            return False
    total = 0
    for share in profile.get("baseline", {"action_freq": {"": 1}})["action_freq"].values():
        total += share
    return (
        bounds["warn"] < bounds["fail"]
        and bounds["drift_warn"] < bounds["drift_fail"]
        and distinct([*RULE_IDS, *(rule["id"] for rule in [*rules, *limits])])
        and abs(total - 1) <= 0.001
    )


def window_holds(claims):
    return claims["window"]["from"] < claims["window"]["to"]


def results_hold(claims):
    said = [one["agent.behavior"] for one in claims["submods"].values() if "agent.behavior" in one]
    return len(claims["submods"]) > 0 and all(map(window_holds, said))


def release_holds(claims):
    build = claims.get("basis", {}).get("build", "some")
    return (claims["order"] == "quarantine" or "basis" in claims) and re.sub(f"[{WHITE}]", "", build) != ""


# Text that counts without the white space around it.
TRIMMED = {
    "trust-statement+jwt": "reason", "breaker-order+jwt": "reason", "tariff+jwt": "reason",
    "usage-correction+jwt": "reason", "ledger-import+jwt": "reason", "settlement+jwt": "arbitration",
    "bench-order+jwt": "reason", "behavior-profile+jwt": "reason", "behavior-order+jwt": "reason",
}  # fmt: skip

RELATIONS = {
    "exec+jwt": [distinct_predecessors],
    "wimse-exec+jwt": [distinct_predecessors],
    "exec-audit+jwt": [distinct_predecessors],
    "role-statement+jwt": [lambda claims: distinct(claims["roles"])],
    "trust-statement+jwt": [trust_holds],
    "acp+jwt": [lambda claims: all(distinct(one["members"]) for one in claims.get("failure_domains", []))],
    "hitl-handling+jwt": [
        both_or_none("until", lambda claims: claims["verb"] in ("claim", "shelve", "defer")),
        both_or_none("text", lambda claims: claims["verb"] == "respond"),
        lambda claims: claims["verb"] != "shelve" or "reason" in claims,
    ],
    "failure-signal+jwt": [lambda claims: claims["origin"] or len(claims.get("cause", [])) > 0],
    "behavior-profile+jwt": [profile_holds],
    "behavior-order+jwt": [release_holds],
    "bet+jwt": [window_holds, lambda claims: claims["window"]["to"] <= claims["iat"] + 30],
    "ear+jwt": [results_hold],
    "breaker-order+jwt": [lambda claims: ("breaker" in claims) != ("domain" in claims)],
    "rollback-request+jwt": [
        plan_holds,
        lambda claims: "plan_hash" in claims or (claims["phase"] == "prepare" and "plan" in claims),
        lambda claims: claims["phase"] == "prepare" or "plan" not in claims,
        both_or_none("steps", lambda claims: claims["phase"] == "execute"),
        lambda claims: claims["deadline"] > claims["iat"],
    ],
    "rollback-result+jwt": [
        lambda claims: (claims["phase"] == "execute") == ("n" in claims and "task" in claims),
        fits_phase,
        lambda claims: claims["status"] != "partial" or len(claims["residue"]) > 0,
    ],
    "residue-handling+jwt": [
        both_or_none("assignee", lambda claims: claims["verb"] == "assign"),
        lambda claims: claims["verb"] == "assign" or "reason" in claims,
    ],
    "audit-countersign+jwt": [both_or_none("code", lambda claims: claims["verdict"] == "refused")],
    "crossing-handling+jwt": [
        both_or_none("to", lambda claims: claims["verb"] == "assign"),
        both_or_none("reason", lambda claims: claims["verb"] == "resolve"),
    ],
    "audit-query+jwt": [lambda claims: "from" not in claims or "to" not in claims or claims["from"] <= claims["to"]],
    "usage-record+jwt": [usage_holds],
    "tariff+jwt": [tariff_holds],
    "usage-correction+jwt": [lambda claims: distinct([item["resource"] for item in claims["items"]])],
    "settlement+jwt": [
        lambda claims: claims["phase"] == "statement" or "answers" in claims,
        lambda claims: (claims["phase"] == "dispute") == (len(claims.get("disputes", [])) > 0),
        lambda claims: "adjustments_root" not in claims or claims["adjustments"] == [],
        lambda claims: claims["payee"] != claims["payer"],
    ],
}


def check_audience(token, own_ids):
    aud = token.payload.get("aud")
    named = [aud] if isinstance(aud, str) else aud
    if token.typ in ADDRESSED and not any(one in own_ids for one in named):
        raise Bad("token_audience_mismatch", "this verifier is not addressed")


def check_times(token, now):
    claims = token.payload
    ends = token.typ in ADDRESSED or token.typ == "wit+jwt"
    exp, iat, nbf = (claims["exp"] if ends else None), claims["iat"], claims.get("nbf")
    if exp is not None and exp <= now - SKEW_S:
        raise Bad("token_expired", "exp had passed when it was received")
    if iat > now + SKEW_S or (isinstance(nbf, (int, float)) and nbf > now + SKEW_S):
        raise Bad("token_not_yet_valid", "it was made after it was received")
    longest = longest_life(token)
    if exp is not None and (exp <= iat or (longest is not None and exp - iat > longest)):
        raise Bad("token_lifetime_invalid", "exp is not after iat, or too long after it")


DELIVERED_WITHIN_S = {"advisory": 86400, "mandatory": 3600, "emergency": 300}


def longest_life(token):
    if token.typ == "evidence-pack+jwt":
        return None
    if token.typ == "override+jwt":
        return DELIVERED_WITHIN_S[token.payload["level"]]
    return SCHEMAS[token.typ]["max_lifetime_s"]


def replay_scope(token):
    """Within what a token's id must be new; None where it need not be."""
    claims = token.payload
    if token.typ in AGAIN:
        return None
    if token.typ in EXECUTIONS:
        return ("task", claims.get("wid"), claims["jti"])
    if token.typ == "exec-audit+jwt":
        return ("audit", claims["iss"], claims.get("wid"), claims["jti"])
    return ("message", claims["iss"], claims["jti"])


# --- The pack's shape ---


class Shape(Exception):
    def __init__(self, *path):
        super().__init__(".".join(map(str, path)))
        self.path = path


def check_object(value, members, path=(), optional=()):
    if not isinstance(value, dict):
        raise Shape(*path)
    for name, check in members.items():
        if name in value:
            run(check, value[name], (*path, name))
        elif name not in optional:
            raise Shape(*path, name)
    if set(value) - set(members):
        raise Shape(*path)


def run(check, value, path):
    if check(value, path) if getattr(check, "deep", False) else not check(value):
        raise Shape(*path)


def deep(check):
    check.deep = True
    return check


def list_of(check):
    @deep
    def checked(value, path):
        if not isinstance(value, list):
            raise Shape(*path)
        for at, one in enumerate(value):
            run(check, one, (*path, at))

    return checked


def shape(members, optional=()):
    return deep(lambda value, path: check_object(value, members, path, optional))


def is_list_of(value, most):
    return isinstance(value, list) and len(value) <= most


def is_path(value):
    return isinstance(value, list) and len(value) <= 64 and all(map(is_digest, value))


def is_range(value):
    return isinstance(value, list) and len(value) == 2 and all(map(is_size, value))


def is_selection(value):
    if not isinstance(value, dict):
        return False
    kind = value.get("kind")
    if kind == "all":
        return set(value) == {"kind"}
    if kind == "workflow":
        return set(value) == {"kind", "wid"} and is_uuid(value["wid"])
    return kind == "query" and set(value) == {"kind", "expression"} and is_text(1, 2000)(value["expression"])


def is_withheld(value):
    if not isinstance(value, dict):
        return False
    if value.get("what") == "object":
        return (
            set(value) == {"what", "hash", "why"}
            and is_digest(value["hash"])
            and value["why"] in ("left_out", "not_kept")
        )
    return (
        value.get("what") == "entries"
        and set(value) == {"what", "from", "to", "why"}
        and is_size(value["from"])
        and is_size(value["to"])
        and value["why"] in ("not_selected", "redacted")
    )


def one_of(*values):
    return lambda value: isinstance(value, str) and value in values


def is_string(value):
    return isinstance(value, str)


PARTS = ("entries", "heads", "proofs", "anchors", "keys", "policies", "views", "objects", "withheld", "elsewhere")
MANIFEST = {
    "log_id": is_uri,
    "domain": is_text(1, 253),
    "exported_at": is_size,
    "exported_by": is_uri,
    "purpose": is_text(1, 500),
    "request": shape({"seq": is_size, "jti": is_uuid, "hash": is_digest}),
    "selection": is_selection,
    "tree_size": lambda value: is_size(value) and value > 0,
    "root": is_digest,
    "ranges": lambda value: isinstance(value, list) and value and all(map(is_range, value)),
    "leaves": list_of(is_digest),
    "heads": list_of(is_digest),
    "parts": shape({name: list_of(is_digest) for name in ("views", "objects", "anchors", "withheld", "elsewhere")}),
    "counts": shape({name: is_size for name in PARTS}),
}
PACK = {
    "signalbox_pack": lambda value: value == 1 and not isinstance(value, bool),
    "manifest": shape(MANIFEST),
    "seal": is_string,
    "heads": list_of(is_string),
    "proofs": list_of(
        shape(
            {
                "first_size": is_size,
                "second_size": is_size,
                "first_root": is_digest,
                "second_root": is_digest,
                "path": list_of(is_digest),
            }
        )
    ),
    "anchors": list_of(
        shape({"note": is_text(0, 65536), "keys": lambda keys: is_list_of(keys, 16) and all(map(is_text(0, 1024), keys))})
    ),
    "keys": list_of(shape({"seq": is_size, "kid": is_string, "subject": is_uri, "jwk": is_jwk})),
    "policies": list_of(shape({"seq": is_size, "jti": is_uuid, "hash": is_digest, "iss": is_uri})),
    "views": list_of(
        shape(
            {
                "seq": is_size,
                "by": is_uri,
                "shown_at": is_size,
                "hash": is_digest,
                "text": lambda value: value is None or isinstance(value, str),
            }
        )
    ),
    "objects": deep(lambda value, path: check_names(value, path)),
    "withheld": list_of(is_withheld),
    "elsewhere": list_of(shape({"jti": is_uuid, "seq": is_size, "why": one_of("not_selected", "other_log")})),
    "entries": list_of(
        shape(
            {"seq": is_size, "received_at": is_size, "submitter": is_uri, "token": is_string, "path": is_path},
            optional=("path",),
        )
    ),
}


def check_names(value, path):
    if not isinstance(value, dict):
        raise Shape(*path)
    for name in value:
        if not is_digest(name):
            raise Shape(*path, name)


OPENING = '<script type="application/json" id="evidence-pack">'


def document_in(text):
    """The JSON of a pack, from its page or as it is."""
    start = text.find(OPENING)
    if start < 0:
        return text
    end = text.find("</script>", start)
    return text[start + len(OPENING) : end if end >= 0 else None]


def read_pack(text):
    pack = strict_json(document_in(text))
    try:
        check_object(pack, PACK)
    except Shape as wrong:
        place = ".".join(map(str, wrong.path[:2])) or "$"
        raise Bad("pack_malformed", f"not an evidence pack: {place}", place) from None
    return pack


# --- V4 ---


class Walk:
    """One verification: what was found good so far."""

    def __init__(self, pack, head=None, log_key=None):
        self.pack, self.manifest = pack, pack["manifest"]
        self.head, self.pinned_key = head, log_key
        self.whole = self.manifest["selection"]["kind"] == "all"
        self.own_ids = (self.manifest["log_id"], f"spiffe://{self.manifest['domain']}/pep")
        self.keys, self.seen, self.good = {}, set(), []
        self.log_key, self.last_at = None, 0

    def verify(self):
        self.check_first()
        self.check_seal()
        self.check_entries()
        self.check_heads()
        self.check_proofs()
        self.check_anchors()
        self.check_keys_and_policies()
        self.check_views()
        self.check_objects()
        self.check_withheld()
        self.check_elsewhere()
        self.check_request()
        self.check_counts()
        if self.manifest["exported_at"] < self.last_at - SKEW_S:
            self.fail("log_time_order", "made before its last entry", "manifest.exported_at", "plausible")

    def fail(self, code, detail, place, question, seq=None):
        raise Bad(code, detail, place, question, len(self.good) if seq is None else seq)

    def own_key(self, compact):
        """The key a first entry brings, signed by itself. Whose name the manifest is about, the seal tells."""
        token = parse_token(compact)
        claims = token.payload
        jwk = claims["cnf"].get("jwk") if isinstance(claims.get("cnf"), dict) else None
        if token.typ == "wit+jwt" and isinstance(claims.get("sub"), str) and is_jwk(jwk):
            return key_of(jwk, claims["sub"])
        return None

    def check_first(self):
        first = next(iter(self.pack["entries"]), None)
        if first is None or first["seq"] != 0:
            self.fail("log_gap", "the log's first entry is not there", "entries.0", "complete", 0)
        try:
            key = self.own_key(first["token"])
            verify_token(first["token"], {key.kid: key} if key else {}, first["received_at"], self.own_ids)
        except Bad as bad:
            raise bad.at("entries.0", "authentic", 0) from None
        if self.pinned_key not in (None, key.kid):
            self.fail("receipt_log_unknown", "the log's key is not the one you know", "entries.0", "authentic", 0)
        self.log_key = key

    def check_seal(self):
        try:
            seal = verify_token(self.pack["seal"], self.log_keys(), float("inf"), (), "evidence-pack+jwt").payload
            digests = seal.get("manifest")
            if seal.get("pack_ver") != 1 or not isinstance(digests, dict) or set(digests) != set(MANIFEST):
                raise Bad("token_claim_invalid", "the seal does not name every member of the manifest")
        except Bad as bad:
            raise bad.at("seal", "authentic", 0) from None
        for member in MANIFEST:
            if object_digest(self.manifest[member]) != digests[member]:
                detail = f"the manifest's {member} is not what the log has sealed"
                self.fail("pack_manifest_mismatch", detail, f"manifest.{member}", "authentic", 0)

    def log_keys(self):
        return {self.log_key.kid: self.log_key}

    def due_places(self):
        leaves, due, following = self.manifest["leaves"], [], 0
        for first, last in self.manifest["ranges"]:
            too_many = last - first >= len(leaves) - len(due)
            if first < following or last < first or last >= self.manifest["tree_size"] or too_many:
                return None
            due += range(int(first), int(last) + 1)
            following = last + 2
        return due if len(due) == len(leaves) else None

    def check_entries(self):
        due = self.due_places()
        if due is None:
            detail = "the stretches of entries are not in order, or not as many as the leaves"
            self.fail("pack_manifest_mismatch", detail, "manifest.ranges", "complete", 0)
        for at, entry in enumerate(self.pack["entries"]):
            self.check_entry(at, entry, due[at] if at < len(due) else None)
        count = len(self.pack["entries"])
        if count < len(due):
            detail = f"entry {due[count]} is missing at the end"
            self.fail("log_gap", detail, f"entries.{count}", "complete", due[count])

    def check_entry(self, at, entry, due):
        place, seq = f"entries.{at}", entry["seq"]
        if due is None:
            self.fail("log_gap", "there are more entries than the manifest has", place, "complete", seq)
        if seq != due:
            self.fail("log_gap", f"entry {due} is missing; entry {seq} stands in its place", place, "complete", due)
        if entry["received_at"] < self.last_at:
            self.fail("log_time_order", "received before the entry before it", place, "plausible", seq)
        members = {name: entry[name] for name in ("received_at", "seq", "submitter", "token")}
        leaf = leaf_hash(canonical(members).encode("utf-8"))
        if b64(leaf) != self.manifest["leaves"][at]:
            self.fail("log_leaf_mismatch", "the entry's bytes do not give its leaf", place, "included", seq)
        if self.whole and "path" in entry:
            self.fail("pack_malformed", "an entry of the whole log needs no path", place, "included", seq)
        if not self.whole:
            path = [unb64(node) for node in entry.get("path", [])]
            root = unb64(self.manifest["root"])
            if None in path or root is None or not inclusion_holds(seq, self.manifest["tree_size"], leaf, path, root):
                self.fail("receipt_proof_invalid", "the path does not lead to the root", place, "included", seq)
        try:
            self.take_token(entry)
        except Bad as bad:
            raise bad.at(place, "authentic", seq) from None
        self.last_at = entry["received_at"]

    def take_token(self, entry):
        keys = self.keys
        if entry["seq"] == 0 and self.log_key.subject == self.manifest["log_id"]:
            keys = self.log_keys()
        token = verify_token(entry["token"], keys, entry["received_at"], self.own_ids)
        scope = replay_scope(token)
        if scope is not None and scope in self.seen:
            raise Bad("token_replayed", "this token id was used before")
        self.seen.add(scope)
        if token.typ == "wit+jwt":
            if token.payload["iss"] != self.manifest["log_id"]:
                raise Bad("token_issuer_mismatch", "an identity is given by the log only")
            key = key_of(token.payload["cnf"]["jwk"], token.payload["sub"])
            if key is not None:
                self.keys[key.kid] = key
        self.good.append((entry["seq"], token))

    def check_heads(self):
        listed, before = self.manifest["heads"], {"tree_size": 0, "root": b64(EMPTY_ROOT), "iat": 0}
        tree, leaves = Tree(), [unb64(leaf) for leaf in self.manifest["leaves"]]
        last = max(0, len(self.good) - 1)
        self.heads = []
        for at, compact in enumerate(self.pack["heads"]):
            place = f"heads.{at}"
            head = self.head_at(compact, place, last)
            if head["prev_size"] != before["tree_size"] or head["prev_root"] != before["root"]:
                self.fail("log_incomplete", f"head {at} does not follow the one before it", place, "consistent", last)
            if head["tree_size"] <= before["tree_size"]:
                self.fail("log_inconsistent", f"head {at} is over no more entries", place, "consistent", last)
            if head["iat"] < before["iat"]:
                self.fail("log_time_order", f"head {at} is older than the one before it", place, "plausible", last)
            if head["tree_size"] > self.manifest["tree_size"]:
                self.fail("log_truncated", f"head {at} is over more entries", place, "complete", last)
            if self.whole:
                while tree.size < min(head["tree_size"], len(leaves)):
                    tree.append(leaves[tree.size])
                    self.compare_remembered(tree.size, b64(tree.root()) if self.remembers(tree.size) else None, last)
                if b64(tree.root()) != head["root"]:
                    self.fail("log_root_mismatch", "the entries do not give the signed root", place, "consistent", last)
            if at >= len(listed) or token_digest(compact) != listed[at]:
                self.fail("pack_part_mismatch", "not the head the manifest lists", place, "consistent", last)
            if self.remembers(head["tree_size"]) and head["root"] != self.head[1]:
                self.fail("log_split_view", "not the root you remember", place, "consistent", last)
            before = head
            self.heads.append(head)
        self.check_last_head(before, last)

    def head_at(self, compact, place, last):
        try:
            head = verify_token(compact, self.log_keys(), float("inf"), (), "audit-sth+jwt").payload
            sizes, roots = (head.get("tree_size"), head.get("prev_size")), (head.get("root"), head.get("prev_root"))
            if not all(map(is_size, sizes)) or not all(map(is_digest, roots)):
                raise Bad("token_claim_invalid", "not a head's claims")
        except Bad as bad:
            raise bad.at(place, "consistent", last) from None
        return head

    def check_last_head(self, before, last):
        listed = self.manifest["heads"]
        if len(self.heads) != len(listed):
            place = f"heads.{len(self.heads)}"
            self.fail("log_incomplete", f"the manifest lists {len(listed)} heads", place, "consistent", last)
        if before["tree_size"] != self.manifest["tree_size"]:
            detail = f"the last head is over {before['tree_size']} entries"
            self.fail("log_truncated", detail, "manifest.tree_size", "complete", last)
        if before["root"] != self.manifest["root"]:
            self.fail("log_root_mismatch", "not the root of the last head", "manifest.root", "included", last)
        if self.head and self.head[0] > self.manifest["tree_size"]:
            self.fail("log_truncated", f"you remember {self.head[0]} entries", "manifest.tree_size", "complete", last)
        if self.head and not self.whole and self.head[0] not in [head["tree_size"] for head in self.heads]:
            # Every signed head is here: what is remembered and not among them cannot be compared.
            detail = f"no head here is over the {self.head[0]} entries you remember"
            self.fail("log_incomplete", detail, "manifest.heads", "consistent", last)
        if self.remembered_differs:
            self.fail("log_split_view", "not the root you remember", "manifest.root", "consistent", last)

    remembered_differs = False
    uncompared = 0

    def remembers(self, size):
        return self.head is not None and self.head[0] == size

    def compare_remembered(self, size, root, last):
        """Between two heads of a whole log the root is known too; it is told after the heads themselves."""
        if root is not None and root != self.head[1]:
            self.remembered_differs = True

    def check_proofs(self):
        last, due = max(0, len(self.good) - 1), max(0, len(self.heads) - 1)
        for at, proof in enumerate(self.pack["proofs"]):
            place = f"proofs.{at}"
            if at >= due:
                self.fail("pack_part_mismatch", "there is no such pair of heads", place, "consistent", last)
            first, second = self.heads[at], self.heads[at + 1]
            named = (proof["first_size"], proof["second_size"], proof["first_root"], proof["second_root"])
            if named != (first["tree_size"], second["tree_size"], first["root"], second["root"]):
                self.fail("log_incomplete", f"not about heads {at} and {at + 1}", place, "consistent", last)
            nodes = [unb64(node) for node in (first["root"], second["root"], *proof["path"])]
            sizes = first["tree_size"], second["tree_size"]
            if None in nodes or not consistency_holds(sizes[0], nodes[0], sizes[1], nodes[1], nodes[2:]):
                detail = f"head {at + 1} did not grow out of head {at}"
                self.fail("log_inconsistent", detail, place, "consistent", last)
        if len(self.pack["proofs"]) != due:
            place = f"proofs.{len(self.pack['proofs'])}"
            self.fail("log_incomplete", f"{due} proofs are due", place, "consistent", last)

    def check_anchors(self):
        anchors, listed, last = self.pack["anchors"], self.manifest["parts"]["anchors"], max(0, len(self.good) - 1)
        roots, tree = {head["tree_size"]: head["root"] for head in self.heads}, Tree()
        if self.whole and anchors:
            for leaf in self.manifest["leaves"]:
                tree.append(unb64(leaf))
                roots[tree.size] = b64(tree.root())
        for at in range(max(len(anchors), len(listed))):
            place = f"anchors.{at}"
            if at >= len(anchors):
                self.fail("pack_part_mismatch", f"the manifest lists {len(listed)}", place, "consistent", last)
            seen = read_anchor(anchors[at], self.manifest["log_id"], self.log_key)
            if seen is None:
                self.fail("anchor_invalid", "not signed by the log and those it names", place, "consistent", last)
            size, root = seen
            if size > self.manifest["tree_size"]:
                self.fail("log_truncated", f"it is over {size} entries", place, "complete", last)
            self.uncompared += size not in roots
            if size in roots and roots[size] != root:
                self.fail("log_split_view", "it is over another history", place, "consistent", last)
            if at >= len(listed) or object_digest(anchors[at]) != listed[at]:
                self.fail("pack_part_mismatch", "not the one the manifest lists", place, "consistent", last)

    def check_rows(self, part, due, question):
        rows = self.pack[part]
        for at in range(max(len(rows), len(due))):
            own = due[at] if at < len(due) else None
            if own is None or at >= len(rows) or canonical(rows[at]) != canonical(own):
                seq = len(self.good) if own is None else own["seq"]
                self.fail(f"pack_{part}_mismatch", f"row {at} of the {part}", f"{part}.{at}", question, seq)

    def check_keys_and_policies(self):
        keys, policies = [], []
        for seq, token in self.good:
            claims = token.payload
            if token.typ == "wit+jwt" and "kid" in claims["cnf"]["jwk"]:
                jwk = claims["cnf"]["jwk"]
                keys.append({"seq": seq, "kid": jwk["kid"], "subject": claims["sub"], "jwk": jwk})
            elif token.typ == "acp+jwt":
                digest = token_digest(token.compact)
                policies.append({"seq": seq, "jti": claims["jti"], "hash": digest, "iss": claims["iss"]})
        self.check_rows("keys", keys, "authentic")
        self.check_rows("policies", policies, "complete")
        known = {row["jti"]: row["hash"] for row in self.pack["policies"]}
        for at, (seq, token) in enumerate(self.good):
            named = start_of(token).get("org.signalbox.acp")
            if isinstance(named, dict) and isinstance(named.get("jti"), str) and isinstance(named.get("hash"), str):
                if known.get(named["jti"]) != named["hash"]:
                    self.fail("log_incomplete", "its policy is not here", f"entries.{at}", "complete", seq)

    def check_views(self):
        due = []
        for seq, token in self.good:
            view = token.payload.get("view") if token.typ == "hitl-decision+jwt" else None
            if isinstance(view, dict):
                row = {"seq": seq, "by": token.payload["iss"], "shown_at": view["shown_at"], "hash": view["hash"]}
                due.append({**row, "text": None})
        rows, listed = self.pack["views"], self.manifest["parts"]["views"]
        for at in range(max(len(rows), len(due), len(listed))):
            place = f"views.{at}"
            seq = due[at]["seq"] if at < len(due) else len(self.good)
            if at >= len(rows) or at >= len(due) or canonical({**rows[at], "text": None}) != canonical(due[at]):
                self.fail("pack_views_mismatch", f"row {at} of what was shown", place, "complete", seq)
            if rows[at]["text"] is not None and text_digest(rows[at]["text"]) != rows[at]["hash"]:
                self.fail("object_hash_mismatch", "what was shown has another digest", place, "authentic", seq)
            if at >= len(listed) or object_digest(rows[at]) != listed[at]:
                self.fail("pack_part_mismatch", "not the row the manifest lists", place, "complete", seq)

    def object_names(self):
        names = {}
        for seq, token in self.good:
            start = start_of(token)
            if start.get("obj_typ") == "recorded-run+json" and isinstance(start.get("obj_hash"), str):
                names.setdefault(start["obj_hash"], seq)
        return names

    def check_objects(self):
        due, listed = self.object_names(), self.manifest["parts"]["objects"]
        for name, value in sorted(self.pack["objects"].items()):
            place, seq = f"objects.{name}", due.get(name, len(self.good))
            if object_digest(value) != name:
                self.fail("object_hash_mismatch", "the object has another digest", place, "authentic", seq)
            if name not in due:
                self.fail("object_unknown", "no entry refers to the object", place, "authentic", seq)
            if name not in listed:
                self.fail("pack_part_mismatch", "the manifest does not list the object", place, "authentic", seq)
        for name in listed:
            if name not in self.pack["objects"]:
                seq = due.get(name, len(self.good))
                self.fail("log_incomplete", "a listed object is not here", f"objects.{name}", "complete", seq)

    def redacted(self):
        """Entries that whoever asked for the pack had taken out of it, by their word in the log."""
        seq = self.manifest["request"]["seq"]
        asked = next((token for at, token in self.good if at == seq), None)
        return set(asked.payload.get("redact", [])) if asked and asked.typ == "evidence-request+jwt" else set()

    def gaps(self):
        """Stretches that are not here, each as long as its reason is the same."""
        gaps, taken, following, size = [], sorted(self.redacted()), 0, self.manifest["tree_size"]

        def leave(first, last, why):
            if gaps and gaps[-1][1] == first - 1 and gaps[-1][2] == why:
                gaps[-1] = (gaps[-1][0], last, why)
            elif first <= last:
                gaps.append((first, last, why))

        for first, last in [*self.manifest["ranges"], (size, size)]:
            for seq in taken:
                if following <= seq < first:
                    if seq > following:
                        leave(following, seq - 1, "not_selected")
                    leave(seq, seq, "redacted")
                    following = seq + 1
            if first > following:
                leave(following, first - 1, "not_selected")
            following = last + 1
        return gaps

    def check_withheld(self):
        due = self.gaps()
        due += [name for name in self.object_names() if name not in self.pack["objects"]]
        rows, listed = self.pack["withheld"], self.manifest["parts"]["withheld"]
        for at in range(max(len(rows), len(due), len(listed))):
            row = rows[at] if at < len(rows) else None
            says = row and (row["hash"] if row["what"] == "object" else (row["from"], row["to"], row["why"]))
            if row is None or at >= len(due) or says != due[at]:
                self.fail("pack_withheld_mismatch", "not what is missing here", f"withheld.{at}", "complete")
            if at >= len(listed) or object_digest(row) != listed[at]:
                self.fail("pack_part_mismatch", "not the row the manifest lists", f"withheld.{at}", "complete")

    def check_elsewhere(self):
        here = {token.payload["jti"] for _seq, token in self.good if token.typ in TASKS}
        rows, due, named = self.pack["elsewhere"], [], set()
        for at, (seq, token) in enumerate(self.good):
            claims = token.payload
            for jti in claims.get("pred", claims.get("par", [])) if token.typ in TASKS else []:
                if jti not in here and jti not in named:
                    named.add(jti)
                    due.append((jti, seq, at))
        said = {row["jti"] for row in rows}
        for jti, seq, at in due:
            if jti not in said:
                detail = f"it follows the task {jti}, which is neither here nor said to be elsewhere"
                self.fail("log_incomplete", detail, f"entries.{at}", "complete", seq)
        listed = self.manifest["parts"]["elsewhere"]
        for at in range(max(len(rows), len(due), len(listed))):
            row, own = (rows[at] if at < len(rows) else None), (due[at] if at < len(due) else None)
            place, seq = f"elsewhere.{at}", own[1] if own else len(self.good)
            fits = row is not None and own is not None and (row["jti"], row["seq"]) == own[:2]
            if not fits or (self.whole and row["why"] == "not_selected"):
                self.fail("pack_elsewhere_mismatch", "not what the entries say", place, "complete", seq)
            if at >= len(listed) or object_digest(row) != listed[at]:
                self.fail("pack_part_mismatch", "not the row the manifest lists", place, "complete", seq)

    def check_request(self):
        manifest, seq = self.manifest, self.manifest["request"]["seq"]
        asked = next((token for at, token in self.good if at == seq), None)

        def bad(member, detail):
            self.fail("pack_request_mismatch", detail, f"manifest.{member}", "authentic", seq)

        if asked is None or asked.typ != "evidence-request+jwt":
            bad("request", f"entry {seq} is not a request for this pack")
        claims = asked.payload
        if claims["jti"] != manifest["request"]["jti"] or token_digest(asked.compact) != manifest["request"]["hash"]:
            bad("request", f"entry {seq} is another request")
        if claims["iss"] != manifest["exported_by"]:
            bad("exported_by", "somebody else asked for it")
        if claims.get("purpose") != manifest["purpose"]:
            bad("purpose", "it was asked for with another purpose")
        if canonical(claims.get("selection")) != canonical(manifest["selection"]):
            bad("selection", "something else was asked for")
        here = {at for at, _token in self.good}
        for taken in claims.get("redact", []):
            if taken in here:
                bad("ranges", f"entry {taken}, which was to be taken out, is here")

    def check_counts(self):
        for part in sorted(PARTS):
            if len(self.pack[part]) != self.manifest["counts"][part]:
                detail = f"the manifest counts {self.manifest['counts'][part]} {part}"
                self.fail("pack_manifest_mismatch", detail, "manifest.counts", "complete")

    def backdated(self):
        """Entries received long after they say they were made: to be looked at, not refused."""
        received = (entry["received_at"] for entry in self.pack["entries"])
        return [seq for (seq, token), at in zip(self.good, received) if token.payload["iat"] < at - BACKDATED_S]

    def anchored_in(self):
        """Who signed them elsewhere only the pack says; one that could not be compared agrees with nothing."""
        compared, said = len(self.pack["anchors"]) - self.uncompared, ""
        if compared:
            said += f", and {compared} that came back from elsewhere, under keys that the pack itself brings"
        if self.uncompared:
            said += f"; {self.uncompared} from elsewhere could not be compared, no head here is over as many entries"
        return said

    def answers(self):
        late = self.backdated()
        kept = sum(row["what"] == "object" for row in self.pack["withheld"])
        redacted = sum(
            row["to"] - row["from"] + 1 for row in self.pack["withheld"] if row.get("why") == "redacted"
        )
        missing = self.manifest["tree_size"] - len(self.pack["entries"])
        known = ", which is the one you know" if self.pinned_key else ", which the pack itself brings"
        complete = (
            f"no entry of {self.manifest['tree_size']} is missing"
            if self.whole
            else f"{missing} entries of {self.manifest['tree_size']} are not selected, each accounted for"
        )
        return {
            "authentic": f"every token verifies as of its receipt, under the log's key {self.log_key.kid}{known}",
            "included": "every leaf and the root are recomputed" if self.whole else "every entry is under the signed root",
            "consistent": f"{len(self.heads)} signed heads agree"
            + self.anchored_in(),
            "complete": complete
            + (f"; {redacted} of them were taken out by whoever asked for it" if redacted else "")
            + (f"; the contents of {kept} recordings are left out" if kept else ""),
            "plausible": "times of receipt and of the heads never go back"
            + (f"; {len(late)} received more than {BACKDATED_S} s after it was made, the first is {late[0]}" if late else ""),
        }


# --- Checkpoints (C2SP signed-note, tlog-checkpoint, tlog-cosignature) ---

NOTE_KEY, WITNESS_KEY = 1, 4
SIGNATURE = re.compile("\u2014 ([^\\s+]+) ([A-Za-z0-9+/]+={0,2})")


def read_anchor(anchor, log_id, log_key):
    """Size and root of a checkpoint that the log and every witness named have signed, else None."""
    note = anchor["note"]
    head, blank, tail = note.rpartition("\n\n")
    text, lines = head + "\n", tail.split("\n")
    if not blank or lines.pop() != "" or not lines or re.search("[\x00-\x09\x0b-\x1f\x7f]", note):
        return None
    signatures = []
    for line in lines:
        found = SIGNATURE.fullmatch(line)
        data = standard64(found[2]) if found else None
        if data is None or len(data) < 5:
            return None
        signatures.append((found[1], data[:4], data[4:]))
    rows = text.split("\n")
    root = standard64(rows[2]) if len(rows) > 3 and re.fullmatch(r"0|[1-9]\d{0,15}", rows[1]) else None
    origin = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*:/*", "", log_id)
    if root is None or len(root) != 32 or int(rows[1]) > MAX_SAFE or rows[0] != origin or "" in rows[3:-1]:
        return None
    if log_key.alg != "EdDSA":
        return None
    own = log_key.raw
    if not note_fits(signatures, text, origin, NOTE_KEY, own):
        return None
    for written in anchor["keys"]:
        name, _, rest = written.strip().partition("+")
        hint, _, encoded = rest.partition("+")
        data = standard64(encoded)
        if name in ("", origin) or data is None or len(data) != 33 or data[0] not in (NOTE_KEY, WITNESS_KEY):
            return None
        if hint_of(name, data).hex() != hint or not note_fits(signatures, text, name, data[0], data[1:]):
            return None
    return int(rows[1]), b64(root)


def standard64(text):
    """Bytes of padded base64 with one spelling only, or None."""
    if not re.fullmatch(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", text):
        return None
    data = base64.b64decode(text)
    return data if base64.b64encode(data).decode("ascii") == text else None


def hint_of(name, encoded):
    return sha256(name.encode("utf-8") + b"\n" + encoded)[:4]


def note_fits(signatures, text, name, kind, key):
    """Whether the key has signed the note; each signature that names it has to hold, up to the first of a witness."""
    hint = hint_of(name, bytes([kind]) + key)
    own = [data for signer, begin, data in signatures if signer == name and begin == hint]
    for data in own:
        signed = text.encode("utf-8")
        if kind == WITNESS_KEY:
            if len(data) < 8:
                return False
            time, data = int.from_bytes(data[:8], "big"), data[8:]
            signed = f"cosignature/v1\ntime {time}\n".encode() + signed
        try:
            ed25519.Ed25519PublicKey.from_public_bytes(key).verify(data, signed)
        except (InvalidSignature, ValueError):
            return False
        if kind == WITNESS_KEY:
            break
    return bool(own)


def start_of(token):
    """The extension object of a start; empty for everything else."""
    if token.typ not in EXECUTIONS or token.payload.get("exec_act") != "run_start":
        return {}
    extensions = token.payload.get("ect_ext")
    return extensions if isinstance(extensions, dict) else {}


def text_digest(text):
    try:
        return object_digest(strict_json(text))
    except Bad:
        return None


def report_on(text, head=None, log_key=None):
    """The report: five separate answers, and the first bad place or None."""
    walk, bad = None, None
    try:
        walk = Walk(read_pack(text), head, log_key)
        walk.verify()
    except Bad as found:
        bad = found
    report = {
        "logId": walk.manifest["log_id"] if walk else "",
        "logKey": walk.log_key.kid if walk and walk.log_key else "",
        "checked": len(walk.good) if walk else 0,
        "entries": len(walk.pack["entries"]) if walk else 0,
        "treeSize": walk.manifest["tree_size"] if walk else 0,
        "root": walk.manifest["root"] if walk else "",
        "backdated": walk.backdated()[:100] if walk else [],
    }
    if bad is None:
        answers = walk.answers()
        report.update({name: {"result": "passed", "detail": answers[name]} for name in QUESTIONS})
        report["firstBad"] = None
        return report
    for name in QUESTIONS:
        report[name] = {"result": "not_checked", "detail": f"checked up to {bad.place} only"}
    report[bad.question] = {"result": "failed", "detail": bad.detail}
    report["firstBad"] = {"seq": bad.seq, "code": bad.code, "detail": bad.detail, "place": bad.place}
    return report


# --- Command line ---


def read_head(text):
    found = re.fullmatch(r"([1-9]\d{0,14}):([A-Za-z0-9_-]{43})", text)
    if found is None or unb64(found[2]) is None:
        raise argparse.ArgumentTypeError("SIZE:ROOT, the number of entries and the root in base64url, 43 characters")
    return int(found[1]), found[2]


def plain(text):
    """One line, nothing in it that a terminal obeys."""
    return "".join(one if one.isprintable() else f"<U+{ord(one):04X}>" for one in text)[:400]


def say(report, file):
    bad = report["firstBad"]
    print(plain(f"{file}: {report['checked']} of {report['entries']} entries hold, of a log of {report['treeSize']}"))
    print(plain(f"log {report['logId']}, key {report['logKey']}, root {report['root']}"))
    for name in QUESTIONS:
        print(plain(f"{name:<11} {report[name]['result']:<12} {report[name]['detail']}"))
    print(plain("VERIFIED" if bad is None else f"NOT VERIFIED: {bad['code']} at {bad['place']}: {bad['detail']}"))


def run_cases(file):
    with open(file, encoding="utf-8") as lines:
        for line in lines:
            case = json.loads(line)
            head = read_head(case["head"]) if "head" in case else None
            print(json.dumps(report_on(case["pack"], head, case.get("logKey"))))


def run_claims(file):
    with open(file, encoding="utf-8") as lines:
        for case in map(json.loads, lines):
            print(json.dumps(claims_fit(case["typ"], case["claims"])))


def main(argv=None):
    parser = argparse.ArgumentParser(description="Verifies a Signalbox evidence pack.")
    parser.add_argument("file", nargs="?", metavar="FILE", help="the pack, .html or .json")
    parser.add_argument("--json", action="store_true", help="the report as one JSON object")
    parser.add_argument("--head", type=read_head, metavar="SIZE:ROOT", help="a head you remember")
    parser.add_argument("--log-key", metavar="THUMBPRINT", help="the log's key, as you know it")
    parser.add_argument("--cases", metavar="FILE", help="many packs, one JSON object a line")
    parser.add_argument("--claims", metavar="FILE", help="claims of tokens, one JSON object {typ, claims} a line")
    given = parser.parse_args(argv)
    try:
        read_schemas()
        if given.cases:
            run_cases(given.cases)
            return 0
        if given.claims:
            run_claims(given.claims)
            return 0
        if not given.file:
            parser.error("name the FILE to verify")
        with open(given.file, encoding="utf-8", newline="") as opened:
            text = opened.read()
    except (OSError, UnicodeDecodeError) as error:
        name = getattr(error, "filename", None) or given.file
        print(plain(f"{name}: {error}"), file=sys.stderr)
        return 2
    report = report_on(text, given.head, given.log_key)
    if given.json:
        print(json.dumps(report))
    else:
        say(report, given.file)
    return 0 if report["firstBad"] is None else 1


if __name__ == "__main__":
    sys.exit(main())

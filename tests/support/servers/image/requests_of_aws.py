"""Reads a signed request to AWS: who signed it, and what it asks for."""

import hashlib
import hmac
import io
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote
from xml.etree import ElementTree


class Refused(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


@dataclass
class Call:
    """One action on one resource, as a policy names them."""

    action: str
    resource: str = "*"
    bucket: str | None = None
    context: dict[str, list[str]] = field(default_factory=dict)


def body_of(environ):
    """The body, which can be read again after this."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read() if environ.get("wsgi.input_terminated") else environ["wsgi.input"].read(length)
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def region_of(environ):
    return credential_of(environ)[2]


def credential_of(environ):
    match = re.search(r"Credential=([^,\s]+)", environ.get("HTTP_AUTHORIZATION", ""))
    if match is None:
        raise Refused("AccessDenied", "The request is not signed.")
    return match[1].split("/")


def signed_by(environ, body, secret_of):
    """The access key, once its signature (version 4) is proven."""
    key, date, region, service, _ = credential_of(environ)
    secret = secret_of(key)
    if secret is None:
        raise Refused("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
    authorization = environ["HTTP_AUTHORIZATION"]
    names = re.search(r"SignedHeaders=([^,\s]+)", authorization)[1].split(";")
    claimed = re.search(r"Signature=([0-9a-f]+)", authorization)[1]
    path, _, query = environ["RAW_URI"].partition("?")
    payload = environ.get("HTTP_X_AMZ_CONTENT_SHA256", hashlib.sha256(body).hexdigest())
    if re.fullmatch("[0-9a-f]{64}", payload) and payload != hashlib.sha256(body).hexdigest():
        raise Refused("XAmzContentSHA256Mismatch", "The body is not the one that was signed.")
    canonical = "\n".join(
        [
            environ["REQUEST_METHOD"],
            path if service == "s3" else quote(path, safe="/~"),
            "&".join(sorted(f"{encode(n)}={encode(v)}" for n, v in parameters(query))),
            *(f"{name}:{' '.join(header(environ, name).split())}" for name in names),
            "",
            ";".join(names),
            payload,
        ]
    )
    scope = f"{date}/{region}/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{environ['HTTP_X_AMZ_DATE']}\n{scope}\n{digest}"
    signature = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request", text):
        signature = hmac.new(signature, part.encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(signature.hex(), claimed):
        raise Refused("SignatureDoesNotMatch", "The request signature does not match the one calculated here.")
    return key


def encode(text):
    return quote(text, safe="-_.~")


def parameters(query):
    # '+' is a plus here, not a blank.
    return [tuple(map(unquote, (pair.partition("=")[0], pair.partition("=")[2]))) for pair in query.split("&") if pair]


def header(environ, name):
    variable = name.upper().replace("-", "_")
    return environ.get(variable if name in ("content-type", "content-length") else f"HTTP_{variable}", "")


def calls_of(environ, body):
    service = credential_of(environ)[3]
    if service != "s3":
        target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        return [Call(f"{service}:{target or dict(parse_qsl(body.decode())).get('Action', 'Unknown')}")]
    path, _, query = environ["RAW_URI"].partition("?")
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    return s3_calls(environ, bucket, key, dict(parameters(query)), body)


# The names that the actions of a bucket's subresources have.
SUBRESOURCES = {
    "acl": "BucketAcl",
    "encryption": "EncryptionConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "location": "BucketLocation",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
}


def s3_calls(environ, bucket, key, query, body):
    method = environ["REQUEST_METHOD"]
    if bucket == "":
        return [Call("s3:ListAllMyBuckets")]
    arn = f"arn:aws:s3:::{bucket}"
    if key != "":
        return [Call(f"s3:{action}", f"{arn}/{key}", bucket) for action in object_actions(environ, method, query)]
    if method == "POST" and "delete" in query:
        return [Call(f"s3:{action}", f"{arn}/{name}", bucket) for action, name in deletions(body, environ)]
    listing = {f"s3:{name}": [query.get(name, "")] for name in ("prefix", "delimiter")}
    if method in ("GET", "HEAD"):
        for name, action in (("versions", "ListBucketVersions"), ("uploads", "ListBucketMultipartUploads")):
            if name in query:
                return [Call(f"s3:{action}", arn, bucket, listing)]
    known = next((action for name, action in SUBRESOURCES.items() if name in query), None)
    if known is not None:
        verb = {"PUT": "Put", "DELETE": "Delete"}.get(method, "Get")
        return [Call(f"s3:{verb}{known}", arn, bucket)]
    if method in ("GET", "HEAD"):
        return [Call("s3:ListBucket", arn, bucket, listing)]
    return [Call("s3:CreateBucket" if method == "PUT" else "s3:DeleteBucket", arn, bucket)]


def object_actions(environ, method, query):
    version = "Version" if "versionId" in query else ""
    for name in ("tagging", "acl", "retention", "legal-hold"):
        if name in query:
            verb = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}.get(method, method)
            return [f"{verb}Object{version}{name.title().replace('-', '')}"]
    if method in ("GET", "HEAD"):
        return ["ListMultipartUploadParts" if "uploadId" in query else f"GetObject{version}"]
    if method == "DELETE":
        return ["AbortMultipartUpload"] if "uploadId" in query else [f"DeleteObject{version}", *bypass(environ)]
    return ["PutObject", *(["PutObjectTagging"] if "HTTP_X_AMZ_TAGGING" in environ else [])]


def bypass(environ):
    asked = environ.get("HTTP_X_AMZ_BYPASS_GOVERNANCE_RETENTION", "").lower() == "true"
    return ["BypassGovernanceRetention"] if asked else []


def deletions(body, environ):
    """Each object of a multi-object delete is an action of its own. (All are refused when one is: AWS refuses that one.)"""
    for item in ElementTree.fromstring(body).iter():
        if item.tag.rpartition("}")[2] != "Object":
            continue
        values = {child.tag.rpartition("}")[2]: child.text or "" for child in item}
        for action in (f"DeleteObject{'Version' if 'VersionId' in values else ''}", *bypass(environ)):
            yield action, values["Key"]

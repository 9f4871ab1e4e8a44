"""AWS as the tests need it: moto, behind an authorisation of our own.

moto's checks cannot serve here (its signatures fail on '/', '+' and '=', it ignores conditions, and takes a multi-object
delete for an action on the bucket), so they stay off, and every request passes `Authorisation` first: it verifies the
signature and decides by the user's policies and the bucket's. The administrator's key may do everything.
It is still an emulator of AWS, and says nothing about what moto itself gets wrong.
"""

import os
import sys

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, run_simple

from policies import allowed
from requests_of_aws import Refused, body_of, calls_of, region_of, signed_by


class Authorisation:
    def __init__(self, application, administrator):
        self.application = application
        self.administrator = administrator

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"].startswith("/moto-api"):
            return self.application(environ, start_response)
        try:
            body = body_of(environ)
            key = signed_by(environ, body, self.secret_of)
            if key != self.administrator[0]:
                self.check(environ, body, key)
        except Refused as refused:
            return refuse(start_response, environ, refused)
        return self.application(environ, start_response)

    def check(self, environ, body, key):
        user = user_of(key)
        policies = policies_of(user)
        context = {
            "aws:SecureTransport": [str(environ.get("HTTP_X_FORWARDED_PROTO") == "https").lower()],
            "aws:username": [user.name],
            "aws:PrincipalArn": [user.arn],
            "aws:RequestedRegion": [region_of(environ)],
        }
        for call in calls_of(environ, body):
            if not allowed(call, {**context, **call.context}, user.arn, policies, bucket_policy(call.bucket)):
                print(f"REFUSED {user.name}: {call.action} on {call.resource}", file=sys.stderr, flush=True)
                raise Refused("AccessDenied", f"User {user.arn} may not {call.action} on {call.resource}")

    def secret_of(self, key):
        if key == self.administrator[0]:
            return self.administrator[1]
        for user in iam().users.values():
            for access_key in user.access_keys:
                if access_key.access_key_id == key and access_key.status == "Active":
                    return access_key.secret_access_key
        return None


def iam():
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.iam.models import iam_backends

    return iam_backends[DEFAULT_ACCOUNT_ID]["aws"]


def user_of(key):
    return next(user for user in iam().users.values() if any(k.access_key_id == key for k in user.access_keys))


def policies_of(user):
    """Every policy of the user, as text: inline, attached, and those of its groups."""
    texts = list(user.policies.values())
    holders = [user] + [group for group in iam().groups.values() if user in group.users]
    for holder in holders[1:]:
        texts += list(holder.policies.values())
    for holder in holders:
        texts += [policy.default_version.document for policy in holder.managed_policies.values()]
    return texts


def bucket_policy(name):
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.s3.models import s3_backends

    bucket = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets.get(name)
    return None if bucket is None or bucket.policy is None else bucket.policy.decode()


def refuse(start_response, environ, refused):
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{refused.code}</Code><Message>{refused}</Message><Resource>{environ['PATH_INFO']}</Resource></Error>"
    )
    if "/s3/" not in environ.get("HTTP_AUTHORIZATION", "/s3/"):
        text = f"<ErrorResponse>{text.splitlines()[1]}</ErrorResponse>"
    start_response("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(text)))])
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else text.encode()]


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code="-", size="-"):
        pass


def leave_policies_to_us():
    """moto reads a bucket's policy itself, without its conditions: a Deny without TLS would refuse everybody."""
    from moto.iam.access_control import PermissionResult
    from moto.s3.models import FakeBucket

    FakeBucket.get_permission = lambda *_: PermissionResult.NEUTRAL


def hide_what_is_deleted():
    """moto lists a directory all of whose objects are deleted, where AWS lists none: versions are no objects."""
    from moto.s3.models import FakeDeleteMarker, S3Backend

    listed = S3Backend.list_objects

    def list_objects(self, bucket, prefix, delimiter, marker, max_keys):
        keys, folders, *rest = listed(self, bucket, prefix, delimiter, marker, max_keys)
        there = [name for name, key in bucket.keys.items() if not isinstance(key, FakeDeleteMarker)]
        return keys, [folder for folder in folders if any(name.startswith(folder) for name in there)], *rest

    S3Backend.list_objects = list_objects


if __name__ == "__main__":
    leave_policies_to_us()
    hide_what_is_deleted()
    os.environ.setdefault("MOTO_PORT", "5000")
    administrator = (os.environ["ADMINISTRATOR_KEY"], os.environ["ADMINISTRATOR_SECRET"])
    application = Authorisation(DomainDispatcherApplication(create_backend_app), administrator)
    run_simple("0.0.0.0", 5000, application, threaded=True, request_handler=Quiet)

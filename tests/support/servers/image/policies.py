"""Decides by IAM policies as AWS documents it: a Deny that applies wins, else one Allow is needed.

What it does not know (an operator, an element) is an error, never a silent yes or no.
"""

import json
import re


def allowed(call, context, principal, user_policies, bucket_policy):
    effects = [effect for text in user_policies for effect in effects_of(text, call, context, None)]
    if bucket_policy is not None:
        effects += effects_of(bucket_policy, call, context, principal)
    return "Allow" in effects and "Deny" not in effects


def effects_of(text, call, context, principal):
    statements = json.loads(text)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        unknown = set(statement) - {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "Condition"}
        if unknown:
            raise NotImplementedError(f"policy element {unknown}")
        if (
            concerns(statement, "Action", call.action, re.IGNORECASE)
            and concerns(statement, "Resource", call.resource)
            and (principal is None or is_principal(statement["Principal"], principal))
            and all(
                holds(operator, key, listed(values), context)
                for operator, keys in statement.get("Condition", {}).items()
                for key, values in keys.items()
            )
        ):
            yield statement["Effect"]


def concerns(statement, element, value, flags=0):
    if f"Not{element}" in statement:
        return not any(like(pattern, value, flags) for pattern in listed(statement[f"Not{element}"]))
    return any(like(pattern, value, flags) for pattern in listed(statement[element]))


def is_principal(wanted, principal):
    names = listed(wanted) if wanted == "*" else listed(wanted.get("AWS", []))
    account = principal.split(":")[4]
    return any(name in ("*", principal, account, f"arn:aws:iam::{account}:root") for name in names)


def holds(operator, key, wanted, context):
    base = operator.removesuffix("IfExists")
    actual = next((values for name, values in context.items() if name.lower() == key.lower()), None)
    if actual is None:
        return operator.endswith("IfExists") or base in ("StringNotEquals", "StringNotLike")
    matches = {
        "StringEquals": lambda: any(value in wanted for value in actual),
        "StringNotEquals": lambda: all(value not in wanted for value in actual),
        "StringLike": lambda: any(like(pattern, value) for pattern in wanted for value in actual),
        "StringNotLike": lambda: not any(like(pattern, value) for pattern in wanted for value in actual),
        "Bool": lambda: any(str(value).lower() in (str(w).lower() for w in wanted) for value in actual),
    }
    if base not in matches:
        raise NotImplementedError(f"policy condition {operator}")
    return matches[base]()


def like(pattern, value, flags=0):
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(expression, value, flags | re.DOTALL) is not None


def listed(value):
    return value if isinstance(value, list) else [value]

"""
What a bucket says when it fails, in a person's words.

The words of the service itself are never passed on: they may repeat addresses, access keys and signatures. What is
taken from them is the code of the error and nothing else.
"""

from __future__ import annotations

import re

from storyreel.errors import VaultError

_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_STATUS = re.compile(r"status code: (\d{3})")

_KEYS = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN where they are temporary)"
_RIGHTS = "whoever owns the bucket has to allow s3:GetObject, s3:PutObject and s3:ListBucket here"
_REGION = "it is in another region; set AWS_REGION to the bucket's own"
_OLD = "the credentials have expired; fetch new ones"
_LATER = "it has trouble of its own just now; try again later"

# Codes as in the S3 API reference, "Error responses" (read 2026-11).
_BY_CODE = {
    "NoSuchBucket": "there is no such bucket; make it, or correct the vault's address and AWS_ENDPOINT_URL",
    "InvalidBucketName": "no bucket can have this name; correct the vault's address",
    "AccessDenied": f"access is denied; {_RIGHTS}",
    "AllAccessDisabled": f"access is denied; {_RIGHTS}",
    "AccountProblem": "the account has been stopped; whoever pays for it has to look after it",
    "InvalidAccessKeyId": f"the access key is not known there; {_KEYS}, and AWS_ENDPOINT_URL if it is not Amazon's",
    "SignatureDoesNotMatch": f"the secret does not belong to the access key; {_KEYS}",
    "ExpiredToken": _OLD,
    "TokenRefreshRequired": _OLD,
    "InvalidToken": _OLD,
    "RequestTimeTooSkewed": "this machine's clock is wrong; set it",
    "AuthorizationHeaderMalformed": _REGION,
    "PermanentRedirect": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "NotImplemented": "it cannot do all that a vault needs; use a service that knows conditional writes (If-None-Match)",
    "QuotaExceeded": "its quota is used up; free some space",
    "XMinioStorageFull": "its disk is full; free some space",
}

# Words of the library, looked for in this order where the service gave no code that we know.
_BY_WORDS = (
    (r"MissingSecretAccessKey|MissingAccessKeyId", f"one half of the credentials is missing; {_KEYS}"),
    (r"/latest/(api/token|meta-data)", f"no credentials were found; {_KEYS}"),
    (r"incorrectly configured region", _REGION),
    (r"Config error", "one of the AWS_ variables in the environment makes no sense"),
    (r"BadScheme", "its endpoint is plain http; set AWS_ALLOW_HTTP=true if that is meant"),
    (r"kind: Builder", "AWS_ENDPOINT_URL is no address; it looks like https://host"),
    (r"[Cc]ertificate", "its certificate is not trusted here; correct AWS_ENDPOINT_URL or install the certificate"),
    (r"kind: Timeout|TimedOut|timed out", "it did not answer in time; look after the network and try again"),
    (r"kind: (Connect|Request|Decode|Interrupted)", "nobody answers; look after the network and AWS_ENDPOINT_URL"),
)

_BY_STATUS = {
    "401": f"the credentials are not accepted; {_KEYS}",
    "403": f"access is denied; {_RIGHTS}",
    "404": "nothing that speaks S3 is there; correct the vault's address and AWS_ENDPOINT_URL",
    "501": _BY_CODE["NotImplemented"],
    "507": "its disk is full; free some space",
}


def refusal(error: Exception, where: str) -> VaultError:
    """Return what a failure of the bucket at `where` means, and what to do about it."""
    text = str(error)
    code, status = _CODE.search(text), _STATUS.search(text)
    meaning = _BY_CODE.get(code[1]) if code else None
    if meaning is None and status:
        meaning = _BY_STATUS.get(status[1], _LATER if status[1][0] == "5" else None)
    elif meaning is None:
        meaning = next((words for pattern, words in _BY_WORDS if re.search(pattern, text)), None)
    if meaning is None:
        named = code[1] if code else f"status {status[1]}" if status else type(error).__name__
        meaning = f"it failed ({named}); look after the bucket"
    return VaultError(f"the vault cannot use {where}: {meaning}")


def is_absence(error: FileNotFoundError) -> bool:
    """Say whether the object alone is missing. A bucket that is gone, or a wrong server, is never an empty vault."""
    code = _CODE.search(str(error))
    return code is not None and code[1] == "NoSuchKey"


def may_pass(error: Exception) -> bool:
    """Say whether the same request may succeed in a moment: lost connections, lost replies, a server's own trouble."""
    text = str(error)
    if status := _STATUS.search(text):
        return status[1] == "429" or (status[1][0] == "5" and status[1] not in _BY_STATUS)
    return (
        "kind: Builder" not in text
        and re.search(r"kind: (Timeout|Connect|Request|Decode|Interrupted)", text) is not None
    )

"""Addresses of what lies elsewhere than on a path: buckets, containers, file://."""

from __future__ import annotations

import re
from typing import NamedTuple

from synap_import import SourceError

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
# A `?` alone is part of a pattern; with a name and a value behind it, it is what signed links have.
_QUERY = re.compile(r"\?[\w.~%-]*=")
_LOGIN = re.compile(r"[^/]*@")


class Service(NamedTuple):
    """Where a scheme leads. ``module`` speaks it; ``extra`` of this plugin brings that.

    ``credentials`` says, as a sentence, where the vendor's own library finds them.
    """

    called: str
    module: str
    extra: str
    credentials: str


SERVICES = {
    "s3": Service(
        "S3",
        "s3fs",
        "s3",
        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or the role of the machine; "
        "AWS_ENDPOINT_URL for another server than Amazon's.",
    ),
    "gs": Service(
        "Google Cloud Storage",
        "gcsfs",
        "gs",
        "`gcloud auth application-default login`, GOOGLE_APPLICATION_CREDENTIALS, or the account "
        "of the machine.",
    ),
    "az": Service(
        "Azure Blob Storage",
        "adlfs",
        "az",
        "AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT_NAME with "
        "AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN or `az login`.",
    ),
    "file": Service("the disk", "fsspec", "fsspec", "the permissions of the file."),
}


class Address(NamedTuple):
    """A bucket with a key, a prefix or a pattern behind it; a path for file://."""

    scheme: str
    path: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.path}"


def is_address(argument: str) -> bool:
    """Whether it is no path."""
    return _SCHEME.fullmatch(argument) is not None


def address_of(argument: str) -> Address:
    """The address that an argument is.

    Raises SourceError for what is read nowhere, and for one that holds a key or a password: it
    would be written wherever the address is. What it holds is not repeated.
    """
    found = _SCHEME.fullmatch(argument)
    scheme, path = found.groups() if found else ("", "")
    scheme = scheme.lower()
    if scheme not in SERVICES:
        raise SourceError(
            f"Nothing here reads {scheme}:// addresses.",
            remedy="Addresses begin with s3://, gs://, az:// or file://; download what lies "
            "elsewhere, or pipe it in with '-'.",
        )
    if (scheme != "file" and _LOGIN.match(path)) or _QUERY.search(path):
        raise SourceError(
            f"An address {scheme}://… holds a key, a password or a signature.",
            remedy="Leave it out: an address is written into the job and its report. "
            f"{SERVICES[scheme].called} takes credentials from: {SERVICES[scheme].credentials}",
        )
    if scheme == "file" and not path.startswith("/"):
        raise SourceError(
            "An address file:// needs the whole path.", remedy="Write file:///data/memories.jsonl."
        )
    if not path.strip("/"):
        raise SourceError(f"{scheme}:// names nothing.", remedy="Write s3://bucket/folder/.")
    return Address(scheme, path)

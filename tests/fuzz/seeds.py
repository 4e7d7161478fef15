"""Whole files: what mutations begin with."""

from __future__ import annotations

import gzip
import json

import zstandard

OWN = {"record_version": 1, "system": "mem0", "id": "m", "text": "tea", "metadata": {"k": 1}}
FILES = [
    b"\n".join(json.dumps(one).encode() for one in [OWN, {"text": "x"}, {"id": 1, "text": "y"}]),
    json.dumps([OWN, {"text": "x", "tags": ["a"]}, {"memory": "y", "created": 1.7e9}]).encode(),
    json.dumps({"n": 1, "memories": [{"text": "x"}, {"text": "y"}], "next": None}).encode(),
    json.dumps({"data": {"facts": [{"fact": "x"}]}, "data2": {}}, indent=1).encode(),
    b'{\n "text": "x"\n}\n{\n "text": "y"\n}\n',
    b'id,content,metadata\n1,"tea, ""green""","{""a"": 1}"\n2,coffee,\n3,"two\nlines",x\n',
]
PACKED_FILES = [gzip.compress(FILES[0], mtime=0), zstandard.compress(FILES[0])]

USER_MAP = (
    "source_id,user_id,customer_id,scope,action,records,note\n"
    'ann,u-1,acme,user,map,3\n"""=1+1""",,,agent,skip,\n*,eu-{source_id},,user,,\n'
    "org:{customer}:{user},{user},{customer},group,,\nt-{rest},,,,skip,\n"
    'bot,,acme,agent,customer-scope,1\n"""\\ud800""",x,,,,\n'
)
USER_MAPS = [USER_MAP.encode(), USER_MAP.encode("utf-16")]

MAPPING = """\
version: 1
system: acme
records: data.items
id: {hash: [user, content]}
user: [user_id, "a.b[0].c"]
content: {jmespath: "join(' ', not_null(texts[], `[]`))", strip: true}
created_at: {path: at, format: "%d.%m.%Y %H:%M", tz: Europe/Berlin, default: 01.01.2020 10:00}
position: 'n'
tags: {const: [a, b]}
metadata: {path: meta, drop: [x], flatten: yes}
kind: {path: type, values: {note: document}, default: fact}
skip_if:
  - {path: deleted, in: [true, 1, null]}
unmapped: error
"""
MAPPINGS = [MAPPING.encode()]

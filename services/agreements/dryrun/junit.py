"""A run as the XML that build servers read: one test case a case, with what differs as its failure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

#: What XML 1.0 cannot hold, whatever the escape.
_NO_XML = re.compile(r"[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")


class Outcome(NamedTuple):
    """A case by its name; when it failed, what differs in one line and all there is to know."""

    name: str
    failure: str = ""
    details: str = ""


def junit(suite: str, tested: Sequence[Outcome]) -> str:
    """The report of one run."""
    failures = sum(bool(one.failure) for one in tested)
    counts = {"tests": str(len(tested)), "failures": str(failures), "errors": "0"}
    root = ET.Element("testsuites", counts | {"time": "0"})
    named = {"name": _text(suite), "skipped": "0", "time": "0"}
    inner = ET.SubElement(root, "testsuite", counts | named)
    for one in tested:
        case = ET.SubElement(
            inner, "testcase", {"name": _text(one.name), "classname": _text(suite), "time": "0"}
        )
        if one.failure:
            failure = ET.SubElement(case, "failure", {"message": _text(one.failure), "type": "difference"})
            failure.text = _text(one.details)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _text(text: str) -> str:
    return _NO_XML.sub("�", text)

"""A plugin of pytest: chooses the tests of ceph/s3-tests that concern what Harima offers, sorts them into groups, and
writes what became of each to the file named in S3TESTS_RESULTS."""

import json
import os
import re

# Out of scope: what the test asks for is no part of a facility's gateway.
OUT_MARKS = {
    "appendobject", "bucket_encryption", "bucket_logging", "cloud_restore", "cloud_transition", "encryption", "lifecycle",
    "lifecycle_expiration", "lifecycle_transition", "object_lock", "s3website", "sse_s3", "storage_class",
}
OUT_NAMES = re.compile(r"test_(object_lock|lifecycle|encrypt|sse_|restore_|read_through|copy_enc$|copy_part_enc$)|logging|.*storage_class")

# The first line that applies wins. (group, what Ceph's and versitygw's figures count it under, mark, pattern of the name)
GROUPS = [
    ("versioning", "versioning and policy", None, r"test_version"),
    ("policy and public access", "versioning and policy", "bucket_policy", None),
    ("policy and public access", "versioning and policy", None, r".*policy|.*public_block|test_block_public|test_ignore_public_acls"),
    ("POST forms", "core", None, r"test_post_object"),
    ("ACLs", "ACLs", None, r".*_acl|test_access_bucket"),
    ("ownership controls", "core", "object_ownership", None),
    ("listing", "core", None, r"test_bucket_list|test_bucketv2_list|test_basic_key"),
    ("tagging", "core", "tagging", None),
    ("copy", "core", "copy", None),
    ("checksums, attributes", "core", "checksum", r".*_object_attributes"),
    ("conditions", "core", "conditional_write", r"test_(get|put)_object_if"),
    ("multipart", "core", None, r".*multipart|test_upload_part"),
    ("CORS", "core", None, r".*cors"),
    ("ranges", "core", None, r"test_ranged"),
    ("presigned and anonymous", "core", None, r"test_object_raw|test_object_anon|test_object_put_auth|test_object_presigned"),
    ("atomic writes", "core", None, r"test_atomic"),
    ("buckets", "core", None, r".*bucket|test_account"),
    ("objects", "core", None, r""),
]
HEADERS = ("headers", "headers")


def group_of(item):
    name = item.originalname or item.name
    marks = {mark.name for mark in item.iter_markers()}
    if item.fspath.basename == "test_headers.py":
        return HEADERS
    if marks & OUT_MARKS or OUT_NAMES.match(name) or "bucket_logging" in name:
        return None
    for group, summary, mark, pattern in GROUPS:
        if (mark is not None and mark in marks) or (pattern is not None and re.match(pattern, name)):
            return (group, summary)
    return None


def pytest_collection_modifyitems(config, items):
    kept, left = [], []
    for item in items:
        group = group_of(item)
        (left if group is None else kept).append(item)
        item.user_properties.append(("group", group))
    items[:] = kept
    config.hook.pytest_deselected(items=left)


RESULTS = {}


def pytest_runtest_logreport(report):
    name = report.nodeid.split("::")[-1]
    result = RESULTS.setdefault(name, {"outcome": "passed", "reason": "", "seconds": 0.0})
    result["group"], result["summary"] = dict(report.user_properties)["group"]
    result["seconds"] = round(result["seconds"] + report.duration, 2)
    if report.outcome == "passed" or result["outcome"] == "failed":
        return
    result["outcome"] = report.outcome
    crash = getattr(report.longrepr, "reprcrash", None)
    message = crash.message if crash else str(report.longrepr)
    place = f" (line {crash.lineno})" if crash else ""
    result["reason"] = ("" if report.when == "call" else report.when + ": ") + message.split("\n")[0] + place


def pytest_sessionfinish(session):
    with open(os.environ["S3TESTS_RESULTS"], "w") as file:
        json.dump(RESULTS, file, indent=1)

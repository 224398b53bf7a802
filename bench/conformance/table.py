"""Prints the conformance table as Markdown: table.py RESULTS BOTO-VERSION COMMIT REASONS [RESULTS-WITHOUT-POLICY-SHARES]."""

import collections
import json
import os
import re
import sys

results = json.load(open(sys.argv[1]))
version, commit = sys.argv[2], sys.argv[3]
reasons = []
for line in open(sys.argv[4]):
    if line.strip() and not line.startswith("#"):
        pattern, reason = line.rstrip("\n").split("\t", 1)
        reasons.append((re.compile(pattern + "$"), reason))

without = json.load(open(sys.argv[5])) if len(sys.argv) > 5 and os.path.exists(sys.argv[5]) else {}

PEERS = {"core": (357, 338, 207, 345), "versioning and policy": (72, 65, 25, 60), "headers": (48, 34, 26, 44)}
groups = collections.OrderedDict()
for name, result in results.items():
    groups.setdefault((result["summary"], result["group"]), []).append((name, result))


def passed(rows):
    return sum(result["outcome"] == "passed" for _, result in rows)


print("# Conformance: ceph/s3-tests\n")
print(f"[ceph/s3-tests](https://github.com/ceph/s3-tests) at `{commit[:12]}` with boto3 {version} against a real Harima, by")
print("`bench/conformance/run`. Left out is what no test of another kind could find here: life cycles, encryption, object lock, logging,")
print("storage classes, restoring, IAM and STS (`bench/conformance/selection.py` holds the rule).\n")
print("The facility is set up as one that people of Ceph would feel at home in: everyone may write where an owner opens a workspace that far")
print("(`Harima:Workspaces:PublicWrite`), and an Allow of a bucket policy shares it (`Harima:Workspaces:PolicyShares`, ADR 16). Both are **off by")
print("default**; the second figure is that without policy shares, where a policy only narrows.\n")
print("| | tests | Harima | without policy shares | Ceph 20 | versitygw 1.5 | aim |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
titles = {"core": "buckets, objects, listing, multipart, copy, conditions, checksums, ranges, tagging, CORS, presigned, POST"}
for summary in ["core", "versioning and policy", "headers", "ACLs"]:
    rows = [row for (s, _), members in groups.items() if s == summary for row in members]
    _, ceph, versity, aim = PEERS.get(summary, (0, "", "", ""))
    if rows:
        plain = sum(r["outcome"] == "passed" for r in without.values() if r["summary"] == summary) if without else ""
        print(f"| {titles.get(summary, summary)} | {len(rows)} | **{passed(rows)}** | {plain} | {ceph} | {versity} | {aim} |")
print("\nThe aim for headers is out of reach of any server: with these boto3 ten of the 48 tests send a request that is whole and rightly signed,")
print("because boto3 signs, and states the length, after the test has spoilt the header (seen on the wire). The eleventh wants an object's own ACL.")
print("\n## By group\n\n| group | tests | passed | failed |\n| --- | ---: | ---: | ---: |")
for (_, group), rows in sorted(groups.items()):
    print(f"| {group} | {len(rows)} | {passed(rows)} | {len(rows) - passed(rows)} |")
print("\n## What fails, and why\n\n| test | reason |\n| --- | --- |")
unexplained = 0
for (_, group), rows in sorted(groups.items()):
    for name, result in rows:
        if result["outcome"] == "passed":
            continue
        reason = next((reason for pattern, reason in reasons if pattern.match(name)), None)
        if reason is None:
            unexplained += 1
            reason = result["reason"].replace("|", "\\|")
        print(f"| `{name}` | {reason} |")
print(f"{unexplained} failures have no reason in reasons.txt", file=sys.stderr)

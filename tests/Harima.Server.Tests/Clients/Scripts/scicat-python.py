"""The flows of pyscicat and scitacean, written from SciCat's contract with nothing but Python's library.

scicat-python.py USER PASSWORD PROPOSAL FOLDER: prints {"result": ...}, or {"error": ...} for what went another way than those
clients accept. Both are Python packages that Debian does not have; what they send and read is sent and read here.
"""

import base64
import hashlib
import json
import os
import sys
import urllib.error
import urllib.request
from datetime import datetime, timezone
from urllib.parse import quote_plus, urlencode

BASE = os.environ["SCICAT_ENDPOINT"] + "/api"


def call(method, url, data=None, params=None, token=None):
    if params:
        url += "?" + urlencode(params, doseq=True)
    body = None if data is None else json.dumps(data).encode()
    headers = {"Accept": "application/json"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if token:
        headers["Authorization"] = "Bearer " + token
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            text = answer.read().decode()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as fault:
        text = fault.read().decode()
        return fault.code, json.loads(text) if text else None


def ok(method, url, *args, **kwargs):
    status, answer = call(method, url, *args, **kwargs)
    if not 200 <= status < 300:
        print(json.dumps({"error": f"{method} {url}: {status} {answer}"}))
        sys.exit(0)
    return answer


def pyscicat(user, password, proposal, folder):
    """ScicatClient of pyscicat: base URL .../api/v3, capitals in names, the token in header and query."""
    base = BASE + "/v3"
    token = ok("POST", base + "/auth/login", {"username": user, "password": password})["id"]

    def send(method, endpoint, data=None):
        return ok(method, "/".join((base, endpoint.strip("/"))), data, {"access_token": token}, token)

    pid = send(
        "POST",
        "Datasets",
        {
            "contactEmail": "leader@example.jp",
            "creationTime": "2026-05-01T08:30:00Z",
            "owner": "Leader",
            "ownerGroup": proposal,
            "accessGroups": ["loki"],
            "sourceFolder": folder,
            "type": "raw",
            "creationLocation": "/SPring-8/BL14B2",
            "principalInvestigator": "Leader",
            "proposalId": proposal,
            "datasetName": "pyscicat run",
            "isPublished": False,
            "scientificMetadata": {"energy": {"value": 8.979, "unit": "keV"}},
        },
    )["pid"]
    path = os.path.join(folder, "scan.dat")
    with open(path, "rb") as file:
        content = file.read()
    block = send(
        "POST",
        f"Datasets/{quote_plus(pid)}/origdatablocks",
        {
            "size": len(content),
            "chkAlg": "md5",
            "dataFileList": [
                {"path": "scan.dat", "size": len(content), "time": "2026-05-01 08:30:00", "chk": hashlib.md5(content).hexdigest()}
            ],
        },
    )
    send(
        "POST",
        f"Datasets/{quote_plus(pid)}/attachments",
        {
            "datasetId": pid,
            "thumbnail": "data:image/jpg;base64," + base64.b64encode(content).decode(),
            "caption": "thumbnail",
            "ownerGroup": proposal,
        },
    )
    updated = send("PATCH", f"Datasets/{quote_plus(pid)}", {"datasetName": "pyscicat renamed"})["datasetName"]
    query = json.dumps({"where": {"ownerGroup": proposal, "datasetName": "pyscicat renamed"}, "limits": {"limit": 10}, "include": [{"relation": "origdatablocks"}]})
    found = ok("GET", f"{base}/Datasets", None, {"filter": query}, token)
    fields = json.dumps({"ownerGroup": [proposal], "scientific": [{"lhs": "energy", "relation": "GREATER_THAN", "rhs": 8900, "unit": "eV"}]})
    full = ok("GET", f"{base}/Datasets/fullquery", None, {"fields": fields, "limits": json.dumps({"skip": 0, "limit": 25, "order": "creationTime:desc"})}, token)
    send("GET", f"Datasets/{quote_plus(pid)}/externallinks")
    return {
        "pid": pid,
        "block_size": block["size"],
        "updated": updated,
        "found": [one["pid"] for one in found],
        "found_files": [file["path"] for one in found for each in one["origdatablocks"] for file in each["dataFileList"]],
        "full": pid in [one["pid"] for one in full],
        "attachments": [one["caption"] for one in send("GET", f"Datasets/{quote_plus(pid)}/attachments")],
        "one": send("GET", f"Datasets/{quote_plus(pid)}")["numberOfFiles"],
        "proposal": send("GET", f"Proposals/{quote_plus(proposal)}")["proposalId"],
        "published": send("GET", "PublishedData"),
        "sample": send("POST", "Samples", {"ownerGroup": proposal, "owner": "Leader", "description": "pyscicat sample", "sampleCharacteristics": {"a": 1}, "isPublished": False})["sampleId"],
    }


def scitacean(user, password, proposal, folder):
    """Client of scitacean: upload_new_dataset_now, then get_dataset and query_datasets."""
    token = ok("POST", BASE + "/auth/login", {"username": user, "password": password})["id"]
    now = datetime.now(timezone.utc).isoformat()
    dataset = {
        "contactEmail": "leader@example.jp",
        "creationTime": now,
        "owner": "Leader",
        "ownerGroup": proposal,
        "sourceFolder": folder,
        "type": "derived",
        "datasetName": "scitacean upload",
        "inputDatasets": ["20.500/abc"],
        "usedSoftware": ["https://example.jp/soft"],
        "proposalIds": [proposal],
        "isPublished": False,
        "numberOfFiles": 1,
        "size": 5,
        "scientificMetadata": {"temperature": {"value": 300, "unit": "K"}},
    }
    valid = ok("POST", BASE + "/v4/datasets/isValid", dataset, None, token)["valid"]
    made = ok("POST", BASE + "/v4/datasets", dataset, None, token)
    pid = made["pid"]
    ok(
        "POST",
        BASE + "/v4/origdatablocks",
        {"datasetId": pid, "size": 5, "chkAlg": "blake2b", "dataFileList": [{"path": "table.csv", "size": 5, "time": now, "chk": "00ff"}]},
        None,
        token,
    )
    ok(
        "POST",
        BASE + "/v4/attachments",
        {"caption": "plot", "ownerGroup": proposal, "isPublished": False, "thumbnail": "data:image/png;base64,iVBORw0KGgo=", "relationships": [{"targetId": pid, "targetType": "dataset", "relationType": "is attached to"}]},
        None,
        token,
    )
    read = ok("GET", f"{BASE}/v4/datasets/{quote_plus(pid)}", None, {"include": ["attachments", "origdatablocks"]}, token)
    found = ok("GET", BASE + "/v3/datasets/fullquery", None, {"fields": json.dumps({"proposalIds": [proposal], "datasetName": "scitacean upload"}), "limits": json.dumps({"order": "creationTime:desc", "limit": 5})}, token)
    times = [read[name] for name in ("creationTime", "createdAt", "updatedAt")] + [file["time"] for block in read["origdatablocks"] for file in block["dataFileList"]]
    for time in times:
        datetime.fromisoformat(time.replace("Z", "+00:00"))
    hidden, _ = call("GET", f"{BASE}/v4/datasets/public/{quote_plus(pid)}")
    return {
        "valid": valid,
        "pid": pid,
        "type": read["type"],
        "meta": read["scientificMetadata"],
        "attachments": [one["thumbnail"] for one in read["attachments"]],
        "described": [[block["chkAlg"], file["path"], file["chk"]] for block in read["origdatablocks"] for file in block["dataFileList"] if block["chkAlg"] == "blake2b"],
        "found": pid in [one["pid"] for one in found],
        "instruments": [one["pid"] for one in ok("GET", BASE + "/v3/instruments", None, None, token)],
        "hidden": hidden,
    }


user, password, proposal, folder = sys.argv[1:]
print(json.dumps({"result": {"pyscicat": pyscicat(user, password, proposal, folder), "scitacean": scitacean(user, password, proposal, folder)}}))

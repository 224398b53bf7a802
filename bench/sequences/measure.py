"""Fills a demo facility's catalogue with many sequences, then times pages of the list. Standard library only."""
import json, random, sqlite3, statistics, sys, time, urllib.parse, urllib.request

base, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
users = {user["role"]: user for user in json.load(open(f"{folder}/demo-credentials.json"))["users"][:5]}


def fill():
    rng = random.Random(1)
    catalogue = sqlite3.connect(f"{folder}/catalogue.db", timeout=60)
    proposals = catalogue.execute("SELECT id, beamline_id FROM proposal ORDER BY id").fetchall()
    owners = [row[0] for row in catalogue.execute("SELECT id FROM app_user")]
    start = 1_700_000_000_000_000
    rows = []
    for n in range(count):
        proposal, beamline = proposals[rng.randrange(len(proposals))]
        name = f"B{n:07d}"
        rows.append((proposal, name, f"{proposal}/{name}", beamline, "closed", rng.choice(owners), start + n * 61_000_000, rng.randrange(10**10), rng.randrange(1000)))
    catalogue.executemany(
        "INSERT INTO sequence (proposal_id, id, ref, beamline_id, state, owner, created_at, size_bytes, file_count) VALUES (?,?,?,?,?,?,?,?,?)", rows)
    # One in a thousand is open to everyone.
    catalogue.executemany(
        "INSERT INTO access_grant (kind, id, subject, role, access, granted_by, granted_at) VALUES ('sequence', ?, 'everyone', 'shared', 'read', 'bench', 0)",
        [(row[2],) for row in rows if rng.random() < 0.001])
    catalogue.commit()


def token(user):
    body = json.dumps({"user": user["name"], "password": user["password"]}).encode()
    request = urllib.request.Request(base + "/api/v1/login", body, {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))["token"]


def get(path, bearer):
    request = urllib.request.Request(base + path, headers={"Authorization": "Bearer " + bearer} if bearer else {})
    start = time.perf_counter()
    body = urllib.request.urlopen(request).read()
    return (time.perf_counter() - start) * 1000, body


def page(name, role, query, bearer):
    path = "/api/v1/sequences?" + urllib.parse.urlencode({**query, "limit": 50})
    times = [get(path, bearer)[0] for _ in range(15)]
    print(f"| {name} | {role} | {statistics.median(times):.0f} | {max(times):.0f} |")


fill()
print(f"{count} sequences; milliseconds for a page of 50 over REST, 15 times each\n\n| page | who | median | worst |\n| --- | --- | --- | --- |")
for role in ("admin", "leader", "stranger", None):
    bearer = token(users[role]) if role else None
    who = role or "anonymous"
    page("newest", who, {}, bearer)
    page("largest", who, {"order": "size"}, bearer)
    page("search for an id", who, {"text": "B0012345"}, bearer)
    if role in ("admin", "leader"):
        cursor = None
        for _ in range(100):
            query = {"limit": 200, **({"cursor": cursor} if cursor else {})}
            cursor = json.loads(get("/api/v1/sequences?" + urllib.parse.urlencode(query), bearer)[1])["next"] or cursor
        page("after 20,000 others", who, {"cursor": cursor}, bearer)

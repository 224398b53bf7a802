"""Drives bench/registration/run. Standard library only."""
import json, os, signal, subprocess, sys, time, urllib.error, urllib.request

program, scratch, count, database = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
port, s3_port = os.environ.get("HARIMA_PORT", "18453"), os.environ.get("HARIMA_S3_PORT", "19453")
base, storage, data = f"http://127.0.0.1:{port}", f"{scratch}/storage", f"{scratch}/data"
tree = f"{storage}/run"
server, bearer = None, None


def make():
    for n in range(count):
        if n % 1000 == 0:
            folder = f"{tree}/scan-{n // 1000:05d}"
            os.makedirs(folder)
        with open(f"{folder}/frame_{n:07d}.cbf", "wb") as file:
            file.write(b"%016d" % n)


def start():
    global server, bearer
    server = subprocess.Popen(
        [program, "--port", port, "--s3-port", s3_port, "--data", data, "--database", database, "--demo", "true",
         "--Harima:Registration:Roots:0", storage, "--Harima:Registration:SumBytesPerSecond", os.environ.get("SUM_BYTES", "1000000000"),
         "--Logging:LogLevel:Default", "Warning"], stdout=open(f"{scratch}/log", "ab"), stderr=subprocess.STDOUT)
    while True:
        if server.poll() is not None:
            sys.exit(open(f"{scratch}/log").read()[-2000:])
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{s3_port}/healthz")
            admin = next(u for u in json.load(open(f"{data}/demo-credentials.json"))["users"] if u["role"].startswith("admin"))
            break
        except (urllib.error.URLError, ConnectionError, FileNotFoundError, json.JSONDecodeError):
            time.sleep(0.2)
    bearer = ask("POST", "/login", {"user": admin["name"], "password": admin["password"]})["token"]


def ask(method, path, body=None):
    request = urllib.request.Request(
        base + "/api/v1" + path, None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json", **({"Authorization": "Bearer " + bearer} if bearer else {})}, method=method)
    return json.load(urllib.request.urlopen(request))


def peak_mb():
    for line in open(f"/proc/{server.pid}/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024


def forget_peak():
    with open(f"/proc/{server.pid}/clear_refs", "w") as file:
        file.write("5")


def wait(id):
    # While it runs the server must answer others: the slowest of these questions is told.
    began, slowest = time.perf_counter(), 0.0
    while True:
        asked = time.perf_counter()
        now = ask("GET", f"/registrations/{id}")
        slowest = max(slowest, time.perf_counter() - asked)
        if now["state"] != "running":
            return now, time.perf_counter() - began, slowest
        time.sleep(0.05)


def line(what, seconds, files, note):
    print(f"| {what} | {seconds:.1f} | {files / seconds:,.0f} | {peak_mb()} | {note} |", flush=True)


def told(now):
    return f"{now['filesAdded']:,} added, {now['filesChanged']:,} changed, {now['filesRemoved']:,} removed of {now['filesFound']:,}"


os.makedirs(tree)
began = time.perf_counter()
make()
print(f"{count:,} files made in {time.perf_counter() - began:.0f} s; {database.split(';')[0].split('=')[0]}; load {os.getloadavg()[0]:.0f}\n")
print("| what | seconds | files/s | peak MB | |\n| --- | --- | --- | --- | --- |")
try:
    start()
    proposal = ask("GET", "/proposals")["items"][0]["id"]
    time.sleep(5)
    forget_peak()
    request = {"path": tree, "proposalId": proposal, "sequenceId": "BENCH"}
    began = time.perf_counter()
    preview = ask("POST", "/registrations/preview", request)
    line("preview", time.perf_counter() - began, preview["files"], "whole" if preview["isWhole"] else "what ten seconds show")
    id = ask("POST", "/registrations", request)["id"]
    began = time.perf_counter()
    while ask("GET", f"/registrations/{id}")["filesFound"] < count // 2:
        time.sleep(0.05)
    half, at = time.perf_counter() - began, ask("GET", f"/registrations/{id}")["filesFound"]
    line("registered, until killed", half, at, "kill -9")
    server.send_signal(signal.SIGKILL)
    server.wait()
    start()
    forget_peak()
    after, began = ask("GET", f"/registrations/{id}")["filesFound"], time.perf_counter()
    while ask("GET", f"/registrations/{id}")["filesFound"] == after:
        time.sleep(0.05)
    waited = time.perf_counter() - began
    now, seconds, slowest = wait(id)
    line("registered, the rest", seconds, now["filesFound"] - after,
         f"began {waited:.0f} s after the start, at {after:,}; {told(now)}; slowest answer to others {slowest * 1000:.0f} ms")
    sequence = ask("GET", f"/proposals/{proposal}/sequences/BENCH")
    assert (now["filesFound"], now["filesAdded"], sequence["fileCount"], sequence["sizeBytes"]) == (count, count, count, 16 * count), (now, sequence)
    began = time.perf_counter()
    while ask("GET", "/registrations/state")["filesWithoutSums"] > 0:
        time.sleep(0.5)
    line("checksums", time.perf_counter() - began, count, "read, MD5, CRC-32, CRC-64")
    forget_peak()
    ask("POST", f"/registrations/{id}/rescan")
    now, seconds, slowest = wait(id)
    line("scan again, nothing changed", seconds, count, f"{told(now)}; slowest answer {slowest * 1000:.0f} ms")
    for n in range(min(1000, count // 1000)):
        folder = f"{tree}/scan-{n:05d}"
        with open(f"{folder}/frame_{n * 1000:07d}.cbf", "ab") as file:
            file.write(b"more")
        os.remove(f"{folder}/frame_{n * 1000 + 500:07d}.cbf")
        with open(f"{folder}/new.cbf", "wb") as file:
            file.write(b"new")
    forget_peak()
    ask("POST", f"/registrations/{id}/rescan")
    now, seconds, slowest = wait(id)
    line("scan again, changed", seconds, count, f"{told(now)}; slowest answer {slowest * 1000:.0f} ms")
    assert ask("GET", f"/proposals/{proposal}/sequences/BENCH")["fileCount"] == count
finally:
    if server and server.poll() is None:
        server.terminate()
        server.wait()

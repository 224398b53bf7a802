"""Adds many small files to a sequence, as if they had been uploaded: bytes on disk and rows in the catalogue. Standard library only.

Uploading 100,000 files one by one would measure the upload. The bytes differ from file to file and every checksum is the right one.
"""
import base64, hashlib, os, sqlite3, struct, sys, time, uuid, zlib

folder, proposal, sequence, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])

# CRC-64/NVME, reflected.
TABLE = []
for value in range(256):
    for _ in range(8):
        value = value >> 1 ^ (0x9A6C9329AC4BC9B5 if value & 1 else 0)
    TABLE.append(value)


def crc64(data):
    crc = 0xFFFFFFFFFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFFFFFFFFFF


assert crc64(b"123456789") == 0xAE8B14860A799888

catalogue = sqlite3.connect(f"{folder}/catalogue.db", timeout=60)
row, owner = catalogue.execute("SELECT row, owner FROM sequence WHERE proposal_id = ? AND id = ?", (proposal, sequence)).fetchone()
bucket, place = catalogue.execute("SELECT id, folder FROM bucket WHERE owner_ref = ?", (proposal,)).fetchone()
modified = time.time_ns() // 1000
rows, size = [], 0
for n in range(count):
    name = f"frames/{n // 1000:03d}/frame_{n:06d}.txt"
    data = f"frame {n}: {n * 7919 % 10007} counts\n".encode()
    path = f"{folder}/files/{place}/{sequence}/{name}"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    os.utime(path, ns=(modified * 1000, modified * 1000))
    size += len(data)
    rows.append((bucket, f"{sequence}/{name}", row, len(data), hashlib.md5(data).hexdigest(),
                 base64.b64encode(struct.pack(">I", zlib.crc32(data))).decode(), base64.b64encode(struct.pack(">Q", crc64(data))).decode(),
                 owner, modified, uuid.uuid4().hex, "tree"))
catalogue.executemany(
    "INSERT INTO data_file (bucket_id, key, sequence_row, size_bytes, etag, crc32, crc64_nvme, owner, modified_at, blob, location)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?)", rows)
catalogue.execute("UPDATE sequence SET size_bytes = size_bytes + ?, file_count = file_count + ? WHERE row = ?", (size, count, row))
catalogue.commit()

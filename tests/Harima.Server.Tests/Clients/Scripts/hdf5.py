"""HDF5's own S3 driver (ros3): reads one frame by URL, taking only the byte ranges it needs; makes such a file, too.

    hdf5.py make PATH           10 frames, compressed in chunks; prints the SHA-256 of each
    hdf5.py frame URL NUMBER    prints the SHA-256 of that frame
"""
import hashlib, json, os, sys

import h5py
import numpy


def sha256(frame):
    return hashlib.sha256(frame.tobytes()).hexdigest()


if sys.argv[1] == "make":
    frames = numpy.random.default_rng(20).poisson(12, (10, 256, 300)).astype("<u2")
    with h5py.File(sys.argv[2], "w") as file:
        file.create_dataset("entry/data/data", data=frames, chunks=(1, 256, 300), compression="gzip")
    print(json.dumps([sha256(frame) for frame in frames]))
else:
    keys = {}
    if "AWS_ACCESS_KEY_ID" in os.environ:
        keys = {
            "aws_region": b"us-east-1",
            "secret_id": os.environ["AWS_ACCESS_KEY_ID"].encode(),
            "secret_key": os.environ["AWS_SECRET_ACCESS_KEY"].encode(),
        }
    with h5py.File(sys.argv[2], "r", driver="ros3", **keys) as file:
        print(json.dumps(sha256(file["entry/data/data"][int(sys.argv[3])])))

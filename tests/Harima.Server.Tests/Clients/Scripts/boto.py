"""boto3 with its default settings, one verb a run; see ScriptedClient.cs for the verbs."""
import hashlib, json, os, sys

import boto3
from boto3.exceptions import S3UploadFailedError
from botocore.client import Config
from botocore.exceptions import ClientError

s3 = boto3.client(
    "s3",
    endpoint_url=os.environ["S3_ENDPOINT"],
    region_name="us-east-1",
    config=Config(retries={"max_attempts": 0}, signature_version="s3v4", s3={"addressing_style": "path"}),
)


def version():
    return {"name": "boto3", "version": boto3.__version__}


def put(folder, bucket, prefix):
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            s3.upload_file(path, bucket, prefix + os.path.relpath(path, folder))


def get(bucket, prefix, folder):
    for key in list(bucket, prefix):
        path = os.path.join(folder, key[len(prefix):])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        s3.download_file(bucket, key, path)


def list(bucket, prefix):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix, PaginationConfig={"PageSize": 2})
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def read(bucket, key, first, last):
    answer = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes={first}-{last}")
    return hashlib.sha256(answer["Body"].read()).hexdigest()


def checksums(path, bucket, key):
    """Puts the file once with each checksum boto3 computes by itself, reads it back with comparison on, says what the server keeps."""
    known = {}
    for algorithm in ("CRC32", "SHA1", "SHA256"):
        with open(path, "rb") as body:
            s3.put_object(Bucket=bucket, Key=key + algorithm, Body=body, ChecksumAlgorithm=algorithm)
        got = s3.get_object(Bucket=bucket, Key=key + algorithm, ChecksumMode="ENABLED")
        with open(path, "rb") as body:
            assert got["Body"].read() == body.read()
        known[algorithm] = got["Checksum" + algorithm]
    return known


def presign_get(bucket, key):
    return s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=60)


def presign_put(bucket, key):
    return s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=60)


def form(bucket, prefix):
    form = s3.generate_presigned_post(
        bucket, prefix + "${filename}", Conditions=[["starts-with", "$key", prefix], ["content-length-range", 1, 1000000]], ExpiresIn=60
    )
    return {"url": form["url"], "fields": form["fields"]}


def copy(bucket, source, target):
    s3.copy({"Bucket": bucket, "Key": source}, bucket, target)


def delete(bucket, prefix):
    keys = [{"Key": key} for key in list(bucket, prefix)]
    return len(s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})["Deleted"])


verb, *arguments = sys.argv[1:]
try:
    print(json.dumps({"result": globals()[verb.replace("-", "_")](*arguments)}))
except ClientError as refusal:
    print(json.dumps({"error": refusal.response["Error"]["Code"]}))
except S3UploadFailedError as failure:
    print(json.dumps({"error": failure.__context__.response["Error"]["Code"]}))

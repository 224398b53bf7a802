// The AWS SDK for JavaScript with its default settings, one verb a run; see ScriptedClient.cs for the verbs.
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import * as S3 from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { createPresignedPost } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const s3 = new S3.S3Client({ endpoint: process.env.S3_ENDPOINT, region: "us-east-1", forcePathStyle: true, maxAttempts: 1 });

const verbs = {
  version: () => ({
    name: "@aws-sdk/client-s3",
    version: JSON.parse(readFileSync(new URL("node_modules/@aws-sdk/client-s3/package.json", import.meta.url))).version,
  }),

  async put(folder, bucket, prefix) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const Key = prefix + relative(folder, path);
      await new Upload({ client: s3, params: { Bucket: bucket, Key, Body: createReadStream(path) } }).done();
    }
  },

  async get(bucket, prefix, folder) {
    for (const key of await verbs.list(bucket, prefix)) {
      const path = join(folder, key.slice(prefix.length));
      await mkdir(dirname(path), { recursive: true });
      const got = await s3.send(new S3.GetObjectCommand({ Bucket: bucket, Key: key }));
      await pipeline(got.Body, createWriteStream(path));
    }
  },

  async list(bucket, prefix) {
    const keys = [];
    for await (const page of S3.paginateListObjectsV2({ client: s3, pageSize: 2 }, { Bucket: bucket, Prefix: prefix }))
      keys.push(...(page.Contents ?? []).map((entry) => entry.Key));
    return keys;
  },

  async read(bucket, key, first, last) {
    const got = await s3.send(new S3.GetObjectCommand({ Bucket: bucket, Key: key, Range: `bytes=${first}-${last}` }));
    return createHash("sha256").update(await got.Body.transformToByteArray()).digest("hex");
  },

  // Puts the file once with each checksum the SDK computes by itself, reads it back with comparison on, says what the server keeps.
  async checksums(path, bucket, key) {
    const known = {};
    for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]) {
      const Key = key + ChecksumAlgorithm;
      const Body = readFileSync(path);
      await s3.send(new S3.PutObjectCommand({ Bucket: bucket, Key, Body, ChecksumAlgorithm }));
      const got = await s3.send(new S3.GetObjectCommand({ Bucket: bucket, Key, ChecksumMode: "ENABLED" }));
      if (!Body.equals(await got.Body.transformToByteArray())) throw new Error("not what was put");
      known[ChecksumAlgorithm] = got["Checksum" + ChecksumAlgorithm];
    }
    return known;
  },

  "presign-get": (bucket, key) => getSignedUrl(s3, new S3.GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: 60 }),

  "presign-put": (bucket, key) => getSignedUrl(s3, new S3.PutObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: 60 }),

  form: (bucket, prefix) =>
    createPresignedPost(s3, {
      Bucket: bucket,
      Key: prefix + "${filename}",
      Conditions: [["starts-with", "$key", prefix], ["content-length-range", 1, 1000000]],
      Expires: 60,
    }),

  async copy(bucket, source, target) {
    const CopySource = `${bucket}/${source.split("/").map(encodeURIComponent).join("/")}`;
    await s3.send(new S3.CopyObjectCommand({ Bucket: bucket, Key: target, CopySource }));
  },

  async delete(bucket, prefix) {
    const Objects = (await verbs.list(bucket, prefix)).map((Key) => ({ Key }));
    return (await s3.send(new S3.DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }))).Deleted.length;
  },
};

const [verb, ...words] = process.argv.slice(2);
try {
  console.log(JSON.stringify({ result: (await verbs[verb](...words)) ?? null }));
} catch (refusal) {
  if (!(refusal instanceof S3.S3ServiceException)) throw refusal;
  console.log(JSON.stringify({ error: refusal.name }));
}

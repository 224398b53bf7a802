// The MinIO client for JavaScript, parts of 5 MiB so that a test need not be large; one verb a run, see ScriptedClient.cs.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { Client, CopyConditions, S3Error } from "minio";

const endpoint = new URL(process.env.S3_ENDPOINT);
const s3 = new Client({
  endPoint: endpoint.hostname,
  port: Number(endpoint.port),
  useSSL: false,
  accessKey: process.env.AWS_ACCESS_KEY_ID,
  secretKey: process.env.AWS_SECRET_ACCESS_KEY,
  partSize: 5 * 1024 * 1024,
});

const verbs = {
  version: () => ({
    name: "minio",
    version: JSON.parse(readFileSync(new URL("node_modules/minio/package.json", import.meta.url))).version,
  }),

  async put(folder, bucket, prefix) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      await s3.fPutObject(bucket, prefix + relative(folder, path), path);
    }
  },

  async get(bucket, prefix, folder) {
    for (const key of await verbs.list(bucket, prefix)) {
      const path = join(folder, key.slice(prefix.length));
      await mkdir(dirname(path), { recursive: true });
      await s3.fGetObject(bucket, key, path);
    }
  },

  async list(bucket, prefix) {
    const keys = [];
    for await (const entry of s3.listObjectsV2(bucket, prefix, true)) keys.push(entry.name);
    return keys;
  },

  async read(bucket, key, first, last) {
    const hash = createHash("sha256");
    for await (const piece of await s3.getPartialObject(bucket, key, Number(first), Number(last) - Number(first) + 1)) hash.update(piece);
    return hash.digest("hex");
  },

  "presign-get": (bucket, key) => s3.presignedGetObject(bucket, key, 60),

  "presign-put": (bucket, key) => s3.presignedPutObject(bucket, key, 60),

  async form(bucket, prefix) {
    const policy = s3.newPostPolicy();
    policy.setBucket(bucket);
    policy.setKeyStartsWith(prefix);
    policy.setExpires(new Date(Date.now() + 60_000));
    policy.setContentLengthRange(1, 1_000_000);
    const { postURL, formData } = await s3.presignedPostPolicy(policy);
    return { url: postURL, fields: { ...formData, key: prefix + "${filename}" } };
  },

  copy: async (bucket, source, target) => {
    await s3.copyObject(bucket, target, `/${bucket}/${source}`, new CopyConditions());
  },

  async delete(bucket, prefix) {
    const keys = await verbs.list(bucket, prefix);
    await s3.removeObjects(bucket, keys);
    return keys.length;
  },
};

const [verb, ...words] = process.argv.slice(2);
try {
  console.log(JSON.stringify({ result: (await verbs[verb](...words)) ?? null }));
} catch (refusal) {
  if (!(refusal instanceof S3Error)) throw refusal;
  console.log(JSON.stringify({ error: refusal.code }));
}

// SciCat's TypeScript SDK from npm (generated from SciCat's own description), driven against a server.
// scicat-sdk.mjs USER PASSWORD PROPOSAL [FOLDER]: prints {"result": …} of what a facility's script does; with FOLDER, of what a
// beamline's ingestor does for the files that lie there.
import fs from "node:fs";
import path from "node:path";
import sdk from "@scicatproject/scicat-sdk-ts-fetch";

const [user, password, proposal, folder] = process.argv.slice(2);
const basePath = process.env.SCICAT_ENDPOINT;
const anonymous = new sdk.Configuration({ basePath });
const login = await new sdk.AuthApi(anonymous).authControllerLoginV3({
  CredentialsDto: { username: user, password },
});
const configuration = new sdk.Configuration({ basePath, accessToken: login.access_token });
const datasets = new sdk.DatasetsV4Api(configuration);
const status = async (act) => {
  try {
    await act();
    return 0;
  } catch (error) {
    return error.response?.status ?? -1;
  }
};

if (folder) {
  const made = await datasets.datasetsV4ControllerCreateV4({
    CreateDatasetDto: {
      contactEmail: "staff@example.jp",
      creationTime: new Date("2026-05-01T08:30:00Z"),
      owner: "Beamline",
      ownerGroup: proposal,
      sourceFolder: folder,
      type: "raw",
      datasetName: "Ingested",
    },
  });
  const files = fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((name) => ({ path: name, size: fs.statSync(name).size, time: fs.statSync(name).mtime }));
  const block = await new sdk.OrigdatablocksV4Api(configuration).origDatablocksV4ControllerCreateV4({
    CreateOrigDatablockDto: {
      datasetId: made.pid,
      ownerGroup: proposal,
      size: files.reduce((all, file) => all + file.size, 0),
      chkAlg: "sha256",
      dataFileList: files,
    },
  });
  const read = await datasets.datasetsV4ControllerFindByIdV4({ pid: made.pid });
  const urls = await fetch(`${basePath}/api/v3/datasets/urls?pid=${encodeURIComponent(made.pid)}`, {
    headers: { Authorization: `Bearer ${login.access_token}` },
  }).then((answer) => answer.json());
  const contents = await Promise.all(urls.map(({ url }) => fetch(url).then((answer) => answer.text())));
  console.log(
    JSON.stringify({
      result: {
        pid: made.pid,
        paths: block.dataFileList.map((file) => file.path).sort(),
        size: read.size,
        files: read.numberOfFiles,
        contents: contents.sort(),
      },
    }),
  );
  process.exit(0);
}

const body = {
  contactEmail: "leader@example.jp",
  creationTime: new Date("2026-05-01T08:30:00Z"),
  owner: "Leader",
  ownerGroup: proposal,
  sourceFolder: "/data/sdk",
  type: "raw",
  datasetName: "From the SDK",
  keywords: ["sdk"],
  scientificMetadata: { energy: { value: 7.112, unit: "keV" } },
};
const valid = await datasets.datasetsV4ControllerIsValidV4({ CreateDatasetDto: body });
const made = await datasets.datasetsV4ControllerCreateV4({ CreateDatasetDto: body });
const read = await datasets.datasetsV4ControllerFindByIdV4({ pid: made.pid });
const filter = (where) => JSON.stringify({ where, limits: { limit: 50, skip: 0 } });
const listed = await datasets.datasetsV4ControllerFindAllV4({
  filter: filter({ ownerGroup: proposal, "scientificMetadata.energy.value": { $gt: 7 } }),
});
const counted = await datasets.datasetsV4ControllerCountV4({ filter: filter({ pid: made.pid }) });
const patched = await datasets.datasetsV4ControllerFindByIdAndUpdateV4({
  pid: made.pid,
  PartialUpdateDatasetDto: { datasetName: "Renamed by the SDK" },
});
const facets = await datasets.datasetsV4ControllerFullfacetV4({
  filters: { fields: JSON.stringify({ ownerGroup: [proposal] }), facets: JSON.stringify(["type"]) },
});
const blocks = new sdk.OrigdatablocksV4Api(configuration);
const block = await blocks.origDatablocksV4ControllerCreateV4({
  CreateOrigDatablockDto: {
    datasetId: made.pid,
    ownerGroup: proposal,
    size: 42,
    chkAlg: "md5",
    dataFileList: [{ path: "a.h5", size: 42, time: new Date("2026-05-01T08:30:00Z") }],
  },
}).catch(async (error) => ({ failed: error.response ? await error.response.text() : String(error) }));
const after = await datasets.datasetsV4ControllerFindByIdV4({ pid: made.pid });
const self = await new sdk.UsersApi(configuration).usersControllerGetMyUserV3?.().catch(() => undefined);
const instruments = await new sdk.InstrumentsApi(configuration).instrumentsControllerFindAllV3({});
const missing = await status(() => datasets.datasetsV4ControllerFindByIdV4({ pid: proposal + "/no-such-dataset" }));
const forbidden = await status(() => new sdk.DatasetsV4Api(anonymous).datasetsV4ControllerFindAllV4({}));
const removed = await datasets.datasetsV4ControllerFindByIdAndDeleteV4({ pid: made.pid });
await new sdk.AuthApi(configuration).authControllerLogoutV3();
const loggedOut = await status(() => datasets.datasetsV4ControllerFindAllV4({}));

console.log(
  JSON.stringify({
    result: {
      user: login.user.username,
      valid: valid.valid,
      pid: made.pid,
      name: read.datasetName,
      created: read.creationTime.toISOString(),
      metadata: read.scientificMetadata,
      listed: listed.some((one) => one.pid === made.pid),
      count: counted.count,
      renamed: patched.datasetName,
      totalSets: facets[0].all[0].totalSets,
      block,
      size: after.size,
      files: after.numberOfFiles,
      self: self?.username,
      instruments: instruments.map((one) => one.name),
      missing,
      forbidden,
      removed: removed.pid,
      loggedOut,
    },
  }),
);

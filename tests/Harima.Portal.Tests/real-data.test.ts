// The main job on real measurements: HAXPES, XAFS, SAXS, XRD, tomography and detector frames go in by browser, are found, shared
// with one person, and come out by every way there is, bit for bit.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askS3, awsOf, missingProgram, mustRun, rcloneOf, run, sha256Of, sumsOf } from './clients';
import { journey, logIn, person, plainJson, portal, s3, window, windowOf, withBrowser } from './portal';

const Data = resolve(process.env['HARIMA_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data'));
// A few tens of MB in many formats: csv, txt, xlsx, dat, XDI, HDF5, NeXus, CBF, TIFF, YAML, JSON.
const Folders = ['diffraction', 'nexus', 'saxs', 'spring8-fuel-cell', 'spring8-metadata-schema', 'tomography', 'xafs-spectra/Pt'];
const Proposal = '2026A1234';
const Sequence = 'RD-fuel-cell';
const Here = `/proposals/${Proposal}/sequences/${Sequence}`;
const Bucket = Proposal.toLowerCase();
// Unlike the stranger, somebody the leader knows by name.
const Colleague = 'takahashi';
const Measurement = { method: 'HAXPES', beamline: 'BL46XU', energy: 7.94, energy_unit: 'keV', detector: 'R4000' };
const Sample = { sample: [{ name: 'TEC10E50E', chemical_formula: 'Pt/C', purpose: 'fuel-cell catalyst' }] };

const absent = Folders.find((folder) => !existsSync(join(Data, folder)));
if (absent) {
  console.log(`Real measurements are not tested: ${join(Data, absent)} is not there (set HARIMA_TEST_DATA).`);
}

(absent ? journey.skip : journey)('Real measurements', () => {
  withBrowser();
  let folder = '';
  let source = '';
  let sums: Record<string, string> = {};

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'harima-real-'));
    source = join(folder, 'fuel-cell');
    for (const name of Folders) {
      cpSync(join(Data, name), join(source, name), { recursive: true });
    }
    sums = await sumsOf(source);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** An empty folder for one way of fetching. */
  function into(name: string): string {
    const made = join(folder, name);
    mkdirSync(made, { recursive: true });
    return made;
  }

  it('the leader uploads a folder of them as a new sequence with metadata', async () => {
    const page = await windowOf('leader');
    await page.goto('/upload');
    await page.selectOption('#proposal', Proposal);
    await page.fill('#sequence', Sequence);
    await plainJson(page);
    await page.fill('#measurement', JSON.stringify(Measurement, null, 2));
    await page.fill('#sample', JSON.stringify(Sample, null, 2));
    await page.locator('upload-island input[data-pick=folder]').setInputFiles(source);
    await page.getByRole('button', { name: /^Upload \d/ }).click();
    await page.locator('upload-island[data-state=finished]').waitFor({ timeout: 120_000 });
    expect(await page.locator('.upload-success').textContent()).toContain(`All ${Object.keys(sums).length} files`);
  }, 180_000);

  it('finds it in the list by search, reads its metadata, shares it by name and closes it', async () => {
    const page = await windowOf('leader');
    await page.goto('/sequences');
    await page.fill('#q', 'fuel-cell');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: Sequence, exact: true }).click();
    await page.getByRole('link', { name: 'Metadata', exact: true }).click();
    await page.waitForURL('**tab=metadata**');
    const metadata = await page.locator('.metadata-tree').allTextContents();
    expect(metadata[0]).toContain('7.94keV');
    expect(metadata[1]).toContain('TEC10E50E');
    await page.getByRole('link', { name: 'Access Control' }).click();
    await page.waitForURL('**/access');
    await page.fill('#person', 'Aoi');
    await page.locator('person-input [role=option]').first().click();
    expect(await page.inputValue('#person')).toBe(Colleague);
    await page.getByRole('button', { name: 'Share' }).click();
    await page.waitForURL('**done=shared**');
    await page.goto(Here);
    await page.check('#complete');
    await page.click('#close button');
    await page.waitForURL('**?done=closed');
  });

  it('the colleague logs in elsewhere, sees it, and fetches a file and the zip by browser', async () => {
    const page = await window();
    await logIn(page, Colleague);
    await page.goto(`/sequences?q=${Sequence}`);
    await page.getByRole('link', { name: Sequence, exact: true }).click();
    await page.getByText('saxs', { exact: true }).first().click();
    const path = 'saxs/BAM_2D.h5';
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'BAM_2D.h5' }).click()]);
    expect(await sha256Of(await file.path())).toBe(sums[path]);
    const [zip] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download zip' }).click()]);
    const missing = missingProgram('unzip');
    if (missing) {
      return;
    }
    const to = into('by-zip');
    await mustRun('unzip', ['-q', await zip.path(), '-d', to]);
    const found = await sumsOf(join(to, Sequence));
    expect(Object.keys(found).filter((name) => name.startsWith('metadata/'))).toEqual(['metadata/measurement.json', 'metadata/sample.json']);
    expect(await sumsOf(join(to, Sequence, 'fuel-cell'))).toEqual(sums);
  });

  it.skipIf(missingProgram('aws'))('by aws', async () => {
    const to = into('by-aws');
    await mustRun('aws', ['--endpoint-url', s3, 's3', 'sync', `s3://${Bucket}/${Sequence}/fuel-cell/`, to, '--no-progress'], awsOf(person(Colleague)));
    expect(await sumsOf(to)).toEqual(sums);
  }, 180_000);

  it.skipIf(missingProgram('rclone'))('by rclone', async () => {
    const to = into('by-rclone');
    await mustRun('rclone', ['copy', `h:${Bucket}/${Sequence}/fuel-cell`, to], rcloneOf(person(Colleague)));
    expect(await sumsOf(to)).toEqual(sums);
  });

  it.skipIf(missingProgram('curl'))('by curl, with a token, file by file', async () => {
    const to = into('by-curl');
    const reply = await fetch(`${portal}/api/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: Colleague, password: person(Colleague).password }),
    });
    const { token } = (await reply.json()) as { token: string };
    const lines = Object.keys(sums).map((path) => {
      const address = `${portal}/api/v1${Here}/content/fuel-cell/${path.split('/').map(encodeURIComponent).join('/')}`;
      return `url = "${address}"\noutput = "${join(to, path)}"`;
    });
    const settings = join(folder, 'curl.txt');
    writeFileSync(settings, lines.join('\n'));
    await mustRun('curl', ['-sSf', '--create-dirs', '-H', `Authorization: Bearer ${token}`, '-K', settings]);
    expect(await sumsOf(to)).toEqual(sums);
  });

  it.skipIf(missingProgram('harima'))('by harima', async () => {
    const to = into('by-harima');
    const environment = { HARIMA_CONFIG: join(folder, 'login.json') };
    await mustRun('harima', ['login', portal, '--user', Colleague, '--password-stdin'], environment, person(Colleague).password + '\n');
    await mustRun('harima', ['get', `${Proposal}/${Sequence}/fuel-cell`, to], environment);
    expect(await sumsOf(to)).toEqual(sums);
  }, 120_000);

  it('a stranger cannot tell it from one that does not exist', async () => {
    const missing = 'RD-fuel-none';
    const plain = (text: string, id: string) => text.replaceAll(id, 'ID').replace(/\b[0-9A-Z]{13}:[0-9A-F]{8}\b/g, 'REQUEST');
    const same = async (ask: (id: string) => Promise<string>) => expect(plain(await ask(Sequence), Sequence)).toBe(plain(await ask(missing), missing));
    const page = await windowOf('stranger');

    for (const query of [Sequence, 'fuel-cell', 'TEC10E50E']) {
      await page.goto(`/sequences?q=${query}`);
      expect(await page.locator('main').textContent()).toContain('Nothing matches');
    }
    for (const below of ['', '?tab=metadata', '?tab=history', '/access']) {
      await same(async (id) => {
        const reply = (await page.goto(`/proposals/${Proposal}/sequences/${id}${below}`))!;
        return `${reply.status()} ${await page.locator('main').innerText()}`;
      });
      expect(await page.locator('main').textContent()).toContain('Not found');
    }
    for (const below of ['', '/files', '/files/fuel-cell/saxs/BAM_2D.h5', '/content/fuel-cell/saxs/BAM_2D.h5', '/history', '/metadata/sample', '/access']) {
      await same(async (id) => {
        const reply = await page.request.get(`${portal}/api/v1/proposals/${Proposal}/sequences/${id}${below}`);
        expect(reply.status()).toBe(404);
        return reply.text();
      });
    }
    await same(async (id) => {
      const reply = await page.request.get(`${portal}/download?s=${Proposal}/${id}`);
      expect(reply.status()).toBe(404);
      return reply.text();
    });
    for (const list of [`/sequences?text=${Sequence}&count=true`, `/sequences?proposal=${Proposal}&limit=200`, '/proposals']) {
      expect(await (await page.request.get(`${portal}/api/v1${list}`)).text()).not.toContain(Sequence);
    }
    if (missingProgram('curl')) {
      return;
    }
    const stranger = person('stranger');
    await same((id) => askS3(stranger, 'GET', `/${Bucket}/${id}/fuel-cell/saxs/BAM_2D.h5`));
    await same((id) => askS3(stranger, 'HEAD', `/${Bucket}/${id}/fuel-cell/saxs/BAM_2D.h5`));
    await same((id) => askS3(stranger, 'GET', `/${Bucket}?list-type=2&prefix=${id}%2F`));
    expect(await askS3(stranger, 'GET', `/${Bucket}?list-type=2&delimiter=%2F`)).not.toContain(Sequence);
    if (!missingProgram('harima')) {
      const environment = { HARIMA_CONFIG: join(folder, 'stranger.json') };
      await mustRun('harima', ['login', portal, '--user', 'stranger', '--password-stdin'], environment, stranger.password + '\n');
      const got = await Promise.all([Sequence, missing].map((id) => run('harima', ['get', `${Proposal}/${id}`, into('by-stranger')], environment)));
      expect(got[0]!.code).toBe(5);
      expect(plain(got[0]!.errors, Sequence)).toBe(plain(got[1]!.errors, missing));
    }
  }, 120_000);

  it('nobody can change it any more', async () => {
    const page = await windowOf('leader');
    await page.goto(Here);
    expect(await page.getByRole('button', { name: /^Delete/ }).count()).toBe(0);
    const reply = await page.request.post(`${portal}/api/v1${Here}/upload-credentials`, { headers: { 'x-harima-csrf': '1' } });
    expect(reply.status()).toBe(409);
  });
});

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { awsOf, missingProgram, mustRun, putS3 } from './clients';
import { findings, journey, person, portal, s3, windowOf, withBrowser } from './portal';

const Id = 'portal-journey-bench';
const Here = `/workspaces/${Id}`;

function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

journey('A workspace', () => {
  withBrowser();
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'harima-bench-'));
    mkdirSync(join(folder, '図/深い'), { recursive: true });
    writeFileSync(join(folder, '図/fit #1.csv'), 'q,I\n'.repeat(3000));
    writeFileSync(join(folder, '図/深い/residual.csv'), 'q,r\n'.repeat(100));
    writeFileSync(join(folder, 'notes.txt'), 'notes');
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function upload(page: Page, pick: 'files' | 'folder', path: string): Promise<void> {
    await page.locator(`upload-island input[data-pick=${pick}]`).setInputFiles(join(folder, path));
    await page.getByRole('button', { name: /^Upload \d/ }).click();
    await page.locator('upload-island[data-state=finished]').waitFor();
    await page.getByRole('link', { name: 'Show the files' }).click();
    await page.locator('upload-island[data-state=idle]').waitFor();
  }

  it('takes a folder by drop and shows its files as a tree, the same as a sequence does', async () => {
    const page = await windowOf('member');
    await page.goto('/workspaces');
    await page.fill('#workspace-id', Id);
    await page.getByRole('button', { name: 'Create' }).click();
    await page.waitForURL('**' + Here);
    await upload(page, 'folder', '図');
    await page.goto(Here);
    const tree = page.locator('.file-tree');
    expect(await tree.textContent()).toContain('fit #1.csv');
    expect(await tree.textContent()).toContain('crc64');
    expect(await findings(page)).toEqual([]);
  });

  it('gives back a file, a folder and all of it', async () => {
    const page = await windowOf('member');
    await page.goto(Here);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'fit #1.csv', exact: true }).click()]);
    expect(file.suggestedFilename()).toBe('fit #1.csv');
    expect(sha256(readFileSync(await file.path()))).toBe(sha256(readFileSync(join(folder, '図/fit #1.csv'))));
    const [zip] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download 図 as zip' }).click()]);
    expect(zip.suggestedFilename()).toBe(`${Id}_図.zip`);
    expect(readFileSync(await zip.path()).subarray(0, 2).toString()).toBe('PK');
    const [all] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download zip' }).click()]);
    expect(all.suggestedFilename()).toBe(`${Id}.zip`);
  });

  it('uploads into the folder that is open', async () => {
    const page = await windowOf('member');
    await page.goto(`${Here}?path=${encodeURIComponent('図/')}`);
    await upload(page, 'files', 'notes.txt');
    expect(await page.locator('.file-tree').textContent()).toContain('notes.txt');
    const answer = await page.request.get(`${portal}/api/v1${Here}/files`);
    const { items } = (await answer.json()) as { items: { path: string }[] };
    expect(items.map((file) => file.path)).toEqual(['図/fit #1.csv', '図/notes.txt', '図/深い/residual.csv']);
  });

  it('loses a file and a folder after a question, and then itself', async () => {
    const page = await windowOf('member');
    const questions: string[] = [];
    page.on('dialog', (dialog) => {
      questions.push(dialog.message());
      void (questions.length === 1 ? dialog.dismiss() : dialog.accept());
    });
    await page.goto(Here);
    const remove = page.getByRole('button', { name: 'Delete notes.txt' });
    await remove.click();
    expect(questions).toEqual(['Delete 図/notes.txt? This cannot be undone.']);
    expect(new URL(page.url()).search).toBe('');
    await remove.click();
    await page.waitForURL('**done=removed');
    expect(await page.locator('.file-tree').textContent()).not.toContain('notes.txt');
    await page.getByRole('button', { name: 'Delete 図', exact: true }).click();
    await page.locator('.empty').waitFor();
    await page.getByRole('button', { name: 'Delete workspace' }).click();
    await page.waitForURL('**/workspaces');
    expect(await page.locator('main').textContent()).not.toContain(Id);
  });

  it("of somebody else's does not exist", async () => {
    const page = await windowOf('leader');
    expect((await page.goto('/workspaces/' + Id))!.status()).toBe(404);
  });

  it('whose reader may not write has no upload and no button to delete', async () => {
    const owner = await windowOf('member');
    const bench = 'portal-journey-shared';
    const headers = { 'x-harima-csrf': '1' };
    expect((await owner.request.post(`${portal}/api/v1/workspaces`, { data: { id: bench }, headers })).status()).toBe(201);
    await owner.goto('/workspaces/' + bench);
    await upload(owner, 'files', 'notes.txt');
    const share = await owner.request.put(`${portal}/api/v1/workspaces/${bench}/access/stranger`, { data: { right: 'read' }, headers });
    expect(share.status()).toBe(204);
    const reader = await windowOf('stranger');
    await reader.goto('/workspaces/' + bench);
    expect(await reader.getByRole('link', { name: 'notes.txt' }).count()).toBe(1);
    expect(await reader.locator('upload-island').count()).toBe(0);
    expect(await reader.getByRole('button', { name: /^Delete/ }).count()).toBe(0);
  });

  it.skipIf(missingProgram('aws'))('that keeps versions shows them, gives them back and restores a file that was deleted', async () => {
    const bench = 'portal-journey-versions';
    const page = await windowOf('member');
    await page.request.post(`${portal}/api/v1/workspaces`, { data: { id: bench }, headers: { 'x-harima-csrf': '1' } });
    const [endpoint, key] = [['--endpoint-url', s3], awsOf(person('member'))];
    await mustRun('aws', [...endpoint, 's3api', 'put-bucket-versioning', '--bucket', bench, '--versioning-configuration', 'Status=Enabled'], key);
    for (const text of ['first', 'second']) {
      writeFileSync(join(folder, 'fit.txt'), text);
      await mustRun('aws', [...endpoint, 's3', 'cp', join(folder, 'fit.txt'), `s3://${bench}/fit.txt`, '--no-progress'], key);
    }
    await page.goto('/workspaces/' + bench);
    await page.getByRole('link', { name: 'Versions of fit.txt' }).click();
    const rows = page.locator('section', { has: page.getByRole('heading', { name: 'Versions of fit.txt' }) }).locator('tbody tr');
    await expect.poll(async () => (await rows.allTextContents()).map((text) => /Current|Older|Deleted/.exec(text)?.[0])).toEqual(['Current', 'Older']);
    const [older] = await Promise.all([page.waitForEvent('download'), rows.nth(1).getByRole('link').click()]);
    expect(readFileSync(await older.path(), 'utf8')).toBe('first');
    page.on('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: 'Delete fit.txt' }).click();
    await page.waitForURL('**done=removed**');
    await expect.poll(async () => (await rows.allTextContents()).map((text) => /Current|Older|Deleted/.exec(text)?.[0])).toEqual(['Deleted', 'Older', 'Older']);
    await rows.nth(2).getByRole('button', { name: /^Restore/ }).click();
    await page.waitForURL((url) => !url.search.includes('done'));
    const [restored] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'fit.txt', exact: true }).click()]);
    expect(readFileSync(await restored.path(), 'utf8')).toBe('first');

    // However many there are, page by page: none is left out in silence.
    for (let n = 0; n < 52; n++) {
      await putS3(person('member'), `/${bench}/fit.txt`, `once more ${n}`);
    }
    await page.goto('/workspaces/' + bench);
    await page.getByRole('link', { name: 'Versions of fit.txt' }).click();
    await rows.nth(49).waitFor();
    expect(await rows.count()).toBe(50);
    await page.getByRole('link', { name: 'Older versions' }).click();
    await page.waitForURL(/before=/);
    await expect.poll(async () => (await rows.allTextContents()).map((text) => /Current|Older|Deleted/.exec(text)?.[0])).toEqual(['Older', 'Older', 'Older', 'Deleted', 'Older', 'Older']);
    await page.getByRole('link', { name: 'To the newest' }).click();
    await rows.filter({ hasText: 'Current' }).waitFor();
  });
});

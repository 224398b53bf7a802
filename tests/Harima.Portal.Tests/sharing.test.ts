import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { journey, portal, window, windowOf, withBrowser } from './portal';

const Sequence = 'SH-one';
const Here = `/proposals/2026A1234/sequences/${Sequence}`;
const Content = 'the measured bytes '.repeat(5000);

function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function upload(page: Page): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'harima-share-'));
  writeFileSync(join(folder, 'data.txt'), Content);
  await page.goto('/upload?proposal=2026A1234');
  await page.fill('#sequence', Sequence);
  await page.locator('upload-island input[data-pick=files]').setInputFiles(join(folder, 'data.txt'));
  await page.getByRole('button', { name: /^Upload \d/ }).click();
  await page.locator('upload-island[data-state=finished]').waitFor();
  rmSync(folder, { recursive: true });
}

journey('Finding, sharing and fetching', () => {
  withBrowser();

  it('a stranger sees nothing of a sequence, by page, list and REST', async () => {
    await upload(await windowOf('leader'));
    const page = await windowOf('stranger');
    expect((await page.goto(Here))!.status()).toBe(404);
    expect(await page.locator('main').textContent()).toContain('Is my data safe?');
    await page.goto(`/sequences?q=${Sequence}`);
    expect(await page.locator('main').textContent()).toContain('Nothing matches');
    expect((await page.request.get(`${portal}/api/v1${Here}`)).status()).toBe(404);
    expect((await page.goto(Here + '/access'))!.status()).toBe(404);
  });

  it('the leader finds it, shares it with one person by name, and sees why each has a right', async () => {
    const page = await windowOf('leader');
    await page.goto('/sequences');
    await page.fill('#q', Sequence);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: Sequence, exact: true }).click();
    await page.getByRole('link', { name: 'Access Control' }).click();
    await page.waitForURL('**/access');
    const table = page.locator('tbody');
    expect(await table.textContent()).toContain('as experiment leader of 2026A1234');
    await page.fill('#person', 'stra');
    await page.locator('person-input [role=option]').first().click();
    expect(await page.inputValue('#person')).toBe('stranger');
    await page.getByRole('button', { name: 'Share' }).click();
    await page.waitForURL('**done=shared**');
    expect(await page.locator('tr', { hasText: 'stranger' }).textContent()).toContain('given by leader');
  });

  it('that person fetches the same bytes', async () => {
    const page = await windowOf('stranger');
    await page.goto(Here);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'data.txt' }).click()]);
    expect(sha256(readFileSync(await download.path()))).toBe(sha256(Content));
    expect(await page.getByRole('link', { name: 'Access Control' }).count()).toBe(0);
    expect((await page.goto(Here + '/access'))!.status()).toBe(403);
  });

  it('a right is changed and taken back, at once', async () => {
    const page = await windowOf('leader');
    await page.goto(Here + '/access');
    await page.getByLabel(/^Access of /).selectOption('Write');
    await page.getByRole('button', { name: /^Change access of/ }).click();
    await page.waitForURL('**done=changed**');
    expect(await page.locator('tr', { hasText: 'stranger' }).textContent()).toContain('Write');
    await page.getByRole('button', { name: /^Remove access of/ }).click();
    await page.waitForURL('**done=removed**');
    const other = await windowOf('stranger');
    expect((await other.goto(Here))!.status()).toBe(404);
  });

  it('says in a sentence that nobody has that name, and keeps what was typed', async () => {
    const page = await windowOf('leader');
    await page.goto(Here + '/access');
    await page.fill('#person', 'no-such-person');
    await page.getByRole('button', { name: 'Share' }).click();
    await page.locator('.note-bad', { hasText: 'no-such-person' }).waitFor();
    expect(await page.inputValue('#person')).toBe('no-such-person');
  });

  it('opened to everyone, a visitor without login sees it, with a banner; limited again, not', async () => {
    const leader = await windowOf('leader');
    await leader.goto(Here + '/access');
    await leader.check('input[value=everyone]');
    await leader.getByRole('button', { name: 'Save sharing' }).click();
    await leader.waitForURL('**done=everyone');
    const visitor = await window();
    expect((await visitor.goto(Here))!.status()).toBe(200);
    expect(await visitor.locator('.anonymous-banner').textContent()).toContain('open data only');
    await leader.check('input[value=limited]');
    await leader.getByRole('button', { name: 'Save sharing' }).click();
    await leader.waitForURL('**done=limited');
    expect((await visitor.goto(Here))!.status()).toBe(404);
  });

  it('the history tells who did what', async () => {
    const page = await windowOf('leader');
    await page.goto(Here + '?tab=history');
    const history = await page.locator('.history').textContent();
    expect(history).toContain('stranger was given Write');
    expect(history).toContain('Sharing set to Everyone');
    expect(history).toContain('Sequence opened');
  });
});

journey('The download table', () => {
  withBrowser();

  it('sorts, filters and pages with its state in the address', async () => {
    const page = await windowOf('leader');
    await page.goto('/sequences');
    await page.getByRole('link', { name: 'Size (MB)' }).click();
    await page.waitForURL((url) => url.searchParams.get('sort') === '-size');
    const sizes = (await page.locator('tbody td.num').allTextContents()).map((text) => Number(text.replace(/[^\d.]/g, '')));
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    await page.selectOption('#beamline', { index: 1 });
    await page.waitForURL(/beamline=BL/);
    expect(new URL(page.url()).searchParams.get('sort')).toBe('-size');
    const beamline = new URL(page.url()).searchParams.get('beamline')!;
    for (const line of await page.locator('tbody .under').allTextContents()) {
      expect(line).toContain(beamline);
    }
  });

  it('keeps a selection over pages with its total, with shift-click, and writes commands for it', async () => {
    const page = await windowOf('leader');
    await page.goto('/sequences?sort=id');
    const boxes = page.locator('tbody input[type=checkbox]');
    await boxes.nth(0).check();
    await boxes.nth(3).click({ modifiers: ['Shift'] });
    const bar = page.locator('.selection-bar');
    expect(await bar.textContent()).toContain('4 selected');
    await page.goto('/sequences?sort=-id');
    expect(await bar.textContent()).toContain('4 selected');
    await boxes.nth(0).check();
    expect(await bar.textContent()).toContain('5 selected');
    await bar.getByRole('button', { name: 'Copy command' }).click();
    const dialog = page.getByRole('dialog');
    for (const tool of ['aws', 'rclone', 'curl', 'harima']) {
      expect(await dialog.getByRole('heading', { name: tool }).count()).toBe(1);
    }
    expect((await dialog.locator('pre').nth(1).textContent())!.split('\n')).toHaveLength(5);
    await page.keyboard.press('Escape');
    await bar.getByRole('button', { name: 'Clear' }).click();
    expect(await bar.isHidden()).toBe(true);
  });

  it('downloads a selection as one zip', async () => {
    const page = await windowOf('leader');
    await page.goto('/sequences?proposal=2026A1187');
    const boxes = page.locator('tbody input[type=checkbox]');
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('.selection-bar').getByRole('button', { name: 'Download as zip' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.zip$/);
    expect(readFileSync(await download.path()).subarray(0, 2).toString()).toBe('PK');
  });

  it('says where keys are shown once and revoked', async () => {
    const page = await windowOf('member');
    await page.goto('/keys');
    await page.fill('#key-description', 'portal test');
    await page.getByRole('button', { name: 'Create access key' }).click();
    const secret = await page.locator('.secret code').nth(1).textContent();
    expect(secret!.length).toBeGreaterThan(30);
    await page.goto('/keys');
    expect(await page.locator('main').textContent()).not.toContain(secret!);
    page.on('dialog', (dialog) => void dialog.accept());
    const row = page.locator('tr', { hasText: 'portal test' });
    await row.getByRole('button', { name: /^Revoke/ }).click();
    await row.waitFor({ state: 'detached' });
  });

  it('makes a workspace and deletes it', async () => {
    const page = await windowOf('member');
    await page.goto('/workspaces');
    await page.fill('#workspace-id', 'portal-test-results');
    await page.fill('#workspace-title', 'Results');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.waitForURL('**/workspaces/portal-test-results');
    expect(await page.locator('main').textContent()).toContain('s3://portal-test-results/');
    page.on('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: 'Delete workspace' }).click();
    await page.waitForURL('**/workspaces');
    expect(await page.locator('main').textContent()).not.toContain('portal-test-results');
  });
});

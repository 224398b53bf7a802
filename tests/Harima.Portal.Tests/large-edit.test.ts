import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { findings, journey, overflow, portal, windowOf, withBrowser } from './portal';

const Csrf = { 'x-harima-csrf': '1' };

// A proposal of their own, so that other journeys find what they expect.
const Proposal = '2026B9001';
const Who = 'takahashi';

async function create(page: Page, word: string, count: number): Promise<void> {
  for (let first = 0; first < count; first += 1000) {
    const sequences = Array.from({ length: Math.min(1000, count - first) }, (_, n) => ({
      id: `${word}-${String(first + n).padStart(5, '0')}`,
      // In three of them "edge" is a text already, which holds no other values.
      measurement: { campaign: word, run: first + n, ...(first + n < 3 ? { edge: 'unknown' } : {}) },
    }));
    const opened = await page.request.post(`${portal}/api/v1/proposals/${Proposal}/sequences/bulk`, { data: { sequences }, headers: Csrf });
    expect(((await opened.json()) as { opened: number }).opened).toBe(sequences.length);
  }
}

/** Until the search finds all of them. */
async function searchable(page: Page, word: string, count: number): Promise<void> {
  await expect.poll(() => found(page, `campaign:${word}`), { timeout: 60_000, interval: 500 }).toBe(count);
}

async function found(page: Page, question: string): Promise<number> {
  const answer = await page.request.get(`${portal}/api/v1/search?limit=0&q=${encodeURIComponent(question)}`);
  return ((await answer.json()) as { count: number }).count;
}

/** From the search to the preview of one value for everything that it finds. */
async function preview(page: Page, word: string, path: string, value: string): Promise<void> {
  await page.goto(`/find?q=${encodeURIComponent(`campaign:${word}`)}`);
  await page.locator('thead input[data-all]').check();
  await page.getByRole('button', { name: /^Select all .* found$/ }).click();
  await page.getByRole('button', { name: 'Change metadata' }).click();
  await page.waitForURL(/found=1/);
  await page.fill('#bulk-path', path);
  await page.fill('#bulk-value', value);
  await page.getByRole('button', { name: 'Preview', exact: true }).click();
  await page.locator('#preview').waitFor({ timeout: 120_000 });
}

/** The figures of a list of terms, by their names. */
async function figures(page: Page, within: string): Promise<Record<string, string>> {
  return page.locator(`${within} dl`).first().evaluate((list) =>
    Object.fromEntries([...list.querySelectorAll('dt')].map((term) => [term.textContent, term.nextElementSibling?.textContent?.trim() ?? ''])));
}

const state = (page: Page) => page.locator('#edit .tag').first().innerText();

async function ended(page: Page): Promise<void> {
  await page.locator('live-section#edit:not([running])').waitFor({ timeout: 120_000 });
}

journey('Changing everything that a search finds', () => {
  withBrowser();

  beforeAll(async () => {
    const admin = await windowOf('admin');
    const made = await admin.request.post(`${portal}/api/v1/proposals`, {
      data: { id: Proposal, title: 'A large campaign', titleJa: '大規模測定', beamlineId: 'BL14B2', startsOn: '2026-10-01', endsOn: '2027-03-31', leader: Who },
      headers: Csrf,
    });
    expect(made.ok()).toBe(true);
    await create(await windowOf(Who), 'lecampaign', 1_300);
  }, 120_000);

  it('shows what would change, changes it in the background, tells what stays and why, and undoes it', async () => {
    const page = await windowOf(Who);
    await searchable(page, 'lecampaign', 1_300);
    await preview(page, 'lecampaign', 'edge.name', 'Fe K');
    expect(await figures(page, '#preview')).toMatchObject({ Sequences: '1,300', 'Would change': '1,297', 'Already so': '0', 'Stay as they are': '3' });
    expect(await page.locator('#preview').innerText()).not.toContain('were looked at');
    expect(await page.locator('#preview ins').first().innerText()).toContain('Fe K');
    expect(await findings(page)).toEqual([]);
    expect(await found(page, 'edge.name:"Fe K"')).toBe(0);

    await page.getByRole('button', { name: 'Change 1,300 sequences' }).click();
    await page.waitForURL(/\/metadata\/edits\/./);
    await ended(page);
    expect(await state(page)).toBe('Done');
    expect(await figures(page, '#edit')).toMatchObject({ 'Looked at': '1,300 of 1,300', Changed: '1,297', 'Already so': '0', 'Left as they were': '3' });
    expect(await page.locator('#refused tbody tr').count()).toBe(3);
    expect(await page.locator('#refused tbody tr').first().innerText()).toMatch(/lecampaign-0000[012][\s\S]*edge/);
    expect(await findings(page)).toEqual([]);
    await expect.poll(() => found(page, 'edge.name:"Fe K"'), { timeout: 30_000 }).toBe(1_297);

    page.once('dialog', (dialog) => void dialog.accept());
    const edit = page.url();
    await page.getByRole('button', { name: 'Undo this change' }).click();
    await page.waitForURL((url) => url.href !== edit);
    await ended(page);
    expect(await figures(page, '#edit')).toMatchObject({ Changed: '1,297', 'Left as they were': '0' });
    await expect.poll(() => found(page, 'edge.name:"Fe K"'), { timeout: 30_000 }).toBe(0);
    await page.getByRole('link', { name: 'The change that this undoes' }).click();
    await page.waitForURL(edit);
    expect(await state(page)).toBe('Undone');
    expect(await page.getByRole('button', { name: 'Undo this change' }).count()).toBe(0);
  }, 120_000);

  it('is cancelled under way, keeps what was changed, and puts that back', async () => {
    const page = await windowOf(Who);
    await create(page, 'lecancel', 8_000);
    await searchable(page, 'lecancel', 8_000);
    // Where the machine is quicker than the browser it has ended before it can be cancelled: then another one is.
    let shift = '';
    for (let attempt = 1; attempt <= 4 && shift === ''; attempt++) {
      await preview(page, 'lecancel', 'operator', `night shift ${attempt}`);
      await page.getByRole('button', { name: 'Change 8,000 sequences' }).click();
      await page.waitForURL(/\/metadata\/edits\/./);
      page.on('dialog', (dialog) => void dialog.accept());
      await page.locator('#edit').getByRole('button', { name: 'Cancel' }).click({ timeout: 10_000 }).catch(() => undefined);
      await ended(page);
      page.removeAllListeners('dialog');
      shift = (await state(page)) === 'Cancelled' ? `night shift ${attempt}` : '';
    }
    expect(shift).not.toBe('');
    const changed = Number((await figures(page, '#edit'))['Changed']!.replace(',', ''));
    expect(changed).toBeLessThan(8_000);
    await expect.poll(() => found(page, `operator:"${shift}"`), { timeout: 60_000 }).toBe(changed);
    if (changed > 0) {
      const edit = page.url();
      page.once('dialog', (dialog) => void dialog.accept());
      await page.getByRole('button', { name: 'Undo this change' }).click();
      await page.waitForURL((url) => url.href !== edit);
      await ended(page);
      await expect.poll(() => found(page, `operator:"${shift}"`), { timeout: 60_000 }).toBe(0);
    }
  }, 400_000);

  it('takes a table of more than a thousand rows', async () => {
    const page = await windowOf(Who);
    await page.goto(`/metadata/bulk?found=1&q=${encodeURIComponent('campaign:lecampaign')}`);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV', exact: true }).click()]);
    const rows: Buffer[] = [];
    for await (const part of await download.createReadStream()) {
      rows.push(part as Buffer);
    }
    const table = Buffer.concat(rows).toString('utf8');
    expect(table.trim().split('\n').length).toBe(1_301);
    const edited = table.replace(/,lecampaign,/g, ',レ取り,');
    await page.setInputFiles('#bulk-table', { name: 'edited.csv', mimeType: 'text/csv', buffer: Buffer.from(edited) });
    await page.getByRole('button', { name: 'Preview the table' }).click();
    await page.locator('#preview').waitFor();
    expect(await figures(page, '#preview')).toMatchObject({ Sequences: '1,300', 'Would change': '1,300' });
    await page.getByRole('button', { name: 'Change 1,300 sequences' }).click();
    await page.waitForURL(/\/metadata\/edits\/./);
    await ended(page);
    expect(await figures(page, '#edit')).toMatchObject({ Changed: '1,300', 'Left as they were': '0' });
    await expect.poll(() => found(page, 'campaign:レ取り'), { timeout: 30_000 }).toBe(1_300);
  }, 120_000);

  it.each(['en', 'ja'] as const)('tells who made it by the bell that it has ended, in %s', async (language) => {
    const page = await windowOf(Who, { language });
    const path = `bell_${language}`;
    const started = await page.request.post(`${portal}/api/v1/search/edit`, {
      data: { q: 'campaign:lecampaign OR campaign:レ取り', edits: [{ kind: 'measurement', path, value: 'told' }] },
      headers: Csrf,
    });
    const { id } = (await started.json()) as { id: string };
    await expect.poll(async () => {
      const answer = await page.request.get(`${portal}/api/v1/metadata/large-edits/${id}`);
      return ((await answer.json()) as { state: string }).state;
    }, { timeout: 60_000, interval: 500 }).toBe('done');
    await page.goto('/notices');
    const told = page.locator(`#edit-${id}`);
    expect(await told.getAttribute('class')).toBe('unread');
    expect(Number(await page.locator('.notices-count').innerText())).toBeGreaterThan(0);
    expect(await told.innerText()).toMatch(language === 'ja' ? /1,300 件の bell_ja を変更[\s\S]*完了[\s\S]*変更 1,300 件・そのまま 0 件/ : /bell_en in 1,300 sequences[\s\S]*Done[\s\S]*Changed: 1,300/);
    expect(await findings(page)).toEqual([]);
    await told.getByRole('link').click();
    await page.waitForURL(`**/metadata/edits/${id}`);
    // Who has read there that it has ended has been told.
    await page.goto('/notices');
    await page.locator(`#edit-${id}:not(.unread)`).waitFor();
  }, 90_000);

  it('is listed for who made it, and exists for nobody else', async () => {
    const page = await windowOf(Who);
    await page.goto('/metadata/bulk');
    await page.getByRole('link', { name: 'Large changes' }).click();
    await page.waitForURL('**/metadata/edits');
    const link = page.locator('tbody a', { hasText: 'campaign in ' }).first();
    const address = (await link.getAttribute('href'))!;
    const stranger = await windowOf('stranger');
    expect((await stranger.goto(address))!.status()).toBe(404);
    await stranger.goto('/metadata/edits');
    expect(await stranger.locator('main').innerText()).toContain('You have not made a large change');
  });

  it('says so where nothing may be changed, and where the question is wrong', async () => {
    const page = await windowOf('stranger');
    await page.goto('/metadata/bulk?found=1&q=visibility%3Aeveryone');
    await page.fill('#bulk-path', 'operator');
    await page.fill('#bulk-value', 'me');
    await page.getByRole('button', { name: 'Preview', exact: true }).click();
    await page.locator('#preview').waitFor();
    const told = await figures(page, '#preview');
    expect(told['Would change']).toBe('0');
    expect(told['Stay as they are']).toBe(told['Sequences']);
    expect(await page.getByRole('button', { name: /^Change .* sequences$/ }).count()).toBe(0);
    await page.goto('/metadata/bulk?found=1&q=%28energy');
    await page.locator('.note-bad').waitFor();
  });

  it.each([
    { language: 'ja', theme: 'light', width: 390 },
    { language: 'en', theme: 'dark', width: 1440 },
  ] as const)('is clean to axe and fits in $language, $theme, $width px', async (look) => {
    const page = await windowOf(Who, look);
    await page.goto('/metadata/edits');
    const one = (await page.locator('tbody a').last().getAttribute('href'))!;
    for (const address of ['/metadata/edits', one, '/metadata/bulk?found=1&q=campaign%3Alecampaign']) {
      await page.goto(address);
      expect(await findings(page), address).toEqual([]);
      expect(await overflow(page), address).toBe(0);
    }
  });
});

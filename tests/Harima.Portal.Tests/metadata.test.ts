import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { putS3 } from './clients';
import { findings, journey, overflow, person, pictureFile, portal, windowOf, withBrowser } from './portal';

const Proposal = '2026A1234';
const Csrf = { 'x-harima-csrf': '1' };

const here = (sequence: string) => `/proposals/${Proposal}/sequences/${sequence}`;

async function open(page: Page, sequence: string, measurement?: unknown): Promise<void> {
  await page.request.post(`${portal}/api/v1/proposals/${Proposal}/sequences`, { data: { id: sequence }, headers: Csrf });
  if (measurement !== undefined) {
    await page.request.put(`${portal}/api/v1${here(sequence)}/metadata/measurement`, { data: measurement, headers: Csrf });
  }
}

const group = (page: Page, path: string) => page.locator(`[data-path="${path}"]`);

journey('Describing a measurement', () => {
  withBrowser();

  it('form and json change each other, and what is missing leads to its field', async () => {
    const page = await windowOf('leader');
    await open(page, 'MD-form');
    await page.goto(`${here('MD-form')}?tab=metadata&edit=measurement`);
    await page.selectOption('#measurement-schema', 'xafs/1');
    await page.locator('.schema-form').waitFor();

    await group(page, '$.title').locator('input').fill('Pt foil');
    const energy = group(page, '$.instrument.beam.energy');
    await group(page, '$.instrument.beam').locator('> summary').click();
    await energy.locator('input').fill('１１．５６４');
    await energy.locator('select').selectOption('keV');
    await group(page, '$.measurement.method.edge').locator('select').selectOption('L3');
    const text = JSON.parse(await page.inputValue('#measurement-json'));
    expect(text).toEqual({ title: 'Pt foil', instrument: { beam: { energy: { value: 11.564, unit: 'keV' } } }, measurement: { method: { edge: 'L3' } } });

    await page.getByRole('button', { name: 'JSON', exact: true }).click();
    await page.fill('#measurement-json', (await page.inputValue('#measurement-json')).replace('11.564', '11.5640').replace('"L3"', '"L9"'));
    await page.locator('.metadata-errors code', { hasText: '$.measurement.method.edge' }).waitFor();
    await page.getByRole('button', { name: 'Form', exact: true }).click();
    expect(await energy.locator('input').inputValue()).toBe('11.5640');
    expect(await group(page, '$.measurement.method.edge').locator('.invalid-feedback').textContent()).toContain('Must be one of');
    await group(page, '$.measurement.method.edge').locator('select').selectOption('L3');

    // Lists grow and shrink.
    await group(page, '$.keywords').locator('> summary').click();
    await page.getByRole('button', { name: 'Add: Keywords' }).click();
    await page.keyboard.type('foil');
    expect(JSON.parse(await page.inputValue('#measurement-json')).keywords).toEqual(['foil']);

    await page.locator('.metadata-missing button', { hasText: 'Beamline' }).waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL('**done=saved**');
    expect(await page.locator('main').textContent()).toContain('Not valid yet');
    const kept = await page.request.get(`${portal}/api/v1${here('MD-form')}/metadata/measurement`);
    expect(await kept.text()).toContain('11.5640');
    await page.locator('.metadata-missing a', { hasText: 'Absorbing element' }).click();
    await page.waitForFunction(() => document.activeElement?.closest('[data-path]')?.getAttribute('data-path') === '$.measurement.method.element');
  });

  it('text that is no json is told by line and column, and what was wrong by the schema by its path', async () => {
    const page = await windowOf('leader');
    await open(page, 'MD-errors');
    await page.goto(`${here('MD-errors')}?tab=metadata&edit=measurement`);
    await page.selectOption('#measurement-schema', 'xafs/1');
    await page.locator('.schema-form').waitFor();
    await page.getByRole('button', { name: 'JSON', exact: true }).click();
    const torn = '{\n  "title": "x",,\n}';
    await page.fill('#measurement-json', torn);
    await expect.poll(() => page.locator('.metadata-errors').allTextContents()).toEqual([expect.stringMatching(/2\D+16/)]);
    expect(await page.inputValue('#measurement-json')).toBe(torn);
    await page.fill('#measurement-json', '{\n  "title": "x",\n  "measurement": {"method": {"edge": "L9"}}\n}');
    await page.locator('.metadata-errors code', { hasText: '$.measurement.method.edge' }).waitFor();
    expect(await page.locator('.metadata-errors').first().textContent()).toMatch(/3\D+38/);
    // What is missing is listed and keeps nobody from saving a draft.
    await page.locator('.metadata-missing button', { hasText: 'Instrument' }).waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL('**done=saved**');
    expect(await page.locator('.metadata-missing a').count()).toBeGreaterThan(1);
  });

  it('a dropped file fills the form', async () => {
    const page = await windowOf('leader');
    await open(page, 'MD-drop');
    await page.goto(`${here('MD-drop')}?tab=metadata&edit=sample`);
    await page.selectOption('#sample-schema', 'sample/1');
    await page.locator('metadata-check[data-kind=sample] input[type=file]').setInputFiles({
      name: 'sample.json',
      mimeType: 'application/json',
      buffer: Buffer.from('{"names": ["Silver", "銀"], "chemical_formula": "Ag", "supply": {"purity": 99.99}}'),
    });
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('[data-path="$.names[1]"] input')?.value === '銀');
    expect(await group(page, '$.chemical_formula').locator('input').inputValue()).toBe('Ag');
    expect(await group(page, '$.supply.purity').textContent()).toContain('%');
  });

  it('what somebody else saved meanwhile is shown beside what was written, and nothing is lost', async () => {
    const page = await windowOf('leader');
    await open(page, 'MD-race', { energy: 7.1, note: 'first' });
    const stored = async () => (await page.request.get(`${portal}/api/v1${here('MD-race')}/metadata/measurement`)).json();
    const edit = async (text: string) => {
      await page.goto(`${here('MD-race')}?tab=metadata&edit=measurement`);
      await page.selectOption('#measurement-schema', '');
      await page.locator('#measurement-json').waitFor();
      await page.fill('#measurement-json', text);
    };
    await edit('{"energy": 8.2, "note": "mine"}');
    await page.request.put(`${portal}/api/v1${here('MD-race')}/metadata/measurement`, { data: { energy: 9.3, note: 'theirs' }, headers: Csrf });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.changed-since').waitFor();
    expect(await stored()).toEqual({ energy: 9.3, note: 'theirs' });
    expect(await page.locator('.changed-since .difference').textContent()).toMatch(/\$\.energy.*9\.3.*8\.2.*\$\.note.*theirs.*mine/s);
    expect(await page.inputValue('#measurement-json')).toBe('{"energy": 8.2, "note": "mine"}');
    expect(await findings(page)).toEqual([]);
    await page.fill('#measurement-json', '{"energy": 8.2, "note": "theirs and mine"}');
    await page.getByRole('button', { name: 'Save mine over it' }).click();
    await page.waitForURL('**done=saved**');
    expect(await stored()).toEqual({ energy: 8.2, note: 'theirs and mine' });
  });

  it('a restore that meets what somebody changed meanwhile writes nothing, says so, and can be done then', async () => {
    const page = await windowOf('leader');
    await open(page, 'MD-restore-race', { note: 'first' });
    const address = `${portal}/api/v1${here('MD-restore-race')}/metadata/measurement`;
    const put = (data: unknown) => page.request.put(address, { data, headers: Csrf });
    const stored = async () => (await page.request.get(address)).json();
    await put({ note: 'second' });
    await page.goto(`${here('MD-restore-race')}?tab=metadata`);
    await put({ note: 'theirs' });
    await page.locator('#changes li').first().getByRole('button', { name: 'Restore the text before this change' }).click();
    await page.locator('.note-bad', { hasText: 'nothing was written' }).waitFor();
    expect(await stored()).toEqual({ note: 'theirs' });
    // What they wrote is there to be seen, and what one wanted is still to be had.
    expect(await page.locator('#changes li').first().innerText()).toContain('theirs');
    expect(await findings(page)).toEqual([]);
    await page.locator('.note-bad').getByRole('link', { name: 'See the changes' }).click();
    await page.locator('#changes li', { hasText: 'first' }).first().getByRole('button', { name: 'Restore the text before this change' }).click();
    await page.waitForURL('**done=saved**');
    expect(await stored()).toEqual({ note: 'first' });
  });

  it('an import that meets what somebody changed meanwhile shows itself beside it, and is taken in then', async () => {
    const page = await windowOf('leader');
    await open(page, 'MD-import-race', { title: 'first' });
    const address = `${portal}/api/v1${here('MD-import-race')}/metadata/measurement`;
    const stored = async () => (await page.request.get(address)).json();
    await page.goto(`${here('MD-import-race')}?tab=metadata`);
    await page.setInputFiles('#import-file', { name: 'mine.yml', mimeType: 'application/yaml', buffer: Buffer.from('title: mine\n') });
    await page.getByRole('button', { name: 'See what would change' }).click();
    const panel = page.locator('#import');
    await panel.locator('.difference').waitFor();
    await page.request.put(address, { data: { title: 'theirs', note: 'new' }, headers: Csrf });
    await panel.getByRole('button', { name: 'Take it in' }).click();
    await panel.locator('.note-bad', { hasText: 'nothing was written' }).waitFor();
    expect(await stored()).toEqual({ title: 'theirs', note: 'new' });
    // Against what is there now; the file need not be chosen again.
    expect(await panel.locator('.difference').innerText()).toMatch(/theirs[\s\S]*mine/);
    expect(await findings(page)).toEqual([]);
    await panel.getByRole('button', { name: 'Take it in' }).click();
    await page.waitForURL('**done=saved**');
    expect(await stored()).toMatchObject({ title: 'mine' });
  });

  it('what an import leaves out is said in the reader’s language', async () => {
    const page = await windowOf('leader', { language: 'ja' });
    await open(page, 'MD-left-out', { title: 'first' });
    await page.goto(`${here('MD-left-out')}?tab=metadata`);
    const dataset = { pid: 'a/b', datasetName: 'mine', ownerGroup: 'g', scientificMetadata: { note: 'x' } };
    await page.setInputFiles('#import-file', { name: 'dataset.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(dataset)) });
    await page.selectOption('#import-format', 'scicat');
    await page.getByRole('button', { name: '変更内容を見る' }).click();
    const left = page.locator('#import .note li', { hasText: 'ownerGroup' });
    await left.waitFor();
    expect(await left.innerText()).toContain('データセット自体の項目');
  });

  it('proposals of the files are dismissed, seen as dismissed, brought back and taken over', async () => {
    const page = await windowOf('leader');
    await open(page, 'MD-proposed');
    const xdi = '# XDI/1.0\n# Element.symbol: Se\n# Element.edge: K\n# Sample.name: selenide foil\n# Scan.start_time: 2026-04-10 17:29:28\n#----\n1 2\n';
    await putS3(person('leader'), `/${Proposal.toLowerCase()}/MD-proposed/a.xdi`, xdi);
    const row = page.locator('#proposed tr', { hasText: 'sample.name' });
    await expect
      .poll(
        async () => {
          await page.goto(`${here('MD-proposed')}?tab=metadata`);
          return row.count();
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBe(1);
    expect(await page.locator('#proposed').textContent()).toContain('Asia/Tokyo');
    await row.locator('input[type=checkbox]').check();
    await page.getByRole('button', { name: 'Dismiss the ticked' }).click();
    await row.locator('.tag', { hasText: 'dismissed' }).waitFor();
    await page.getByRole('button', { name: 'Accept everything new' }).click();
    await page.waitForURL('**done=saved**');
    const sample = async () => page.request.get(`${portal}/api/v1${here('MD-proposed')}/metadata/sample`);
    expect((await sample()).status()).toBe(404);
    await page.getByRole('button', { name: 'Propose all dismissed again' }).click();
    await row.locator('input[type=checkbox]').check();
    await page.getByRole('button', { name: 'Accept the ticked' }).click();
    await page.locator('#proposed tr', { hasText: 'sample.name' }).getByText('the same').waitFor();
    expect(await (await sample()).text()).toContain('selenide foil');
  });

  it('a change is seen as a diff and taken back', async () => {
    const page = await windowOf('leader');
    await open(page, 'MD-history', { energy: 7.1 });
    await page.request.put(`${portal}/api/v1${here('MD-history')}/metadata/measurement`, { data: { energy: 8.2, note: 'x' }, headers: Csrf });
    await page.goto(`${here('MD-history')}?tab=metadata`);
    expect(await page.locator('#changes li').first().textContent()).toMatch(/\$\.energy.*7\.1.*8\.2/s);
    await page.locator('#changes li').first().getByRole('button').click();
    await page.waitForURL('**done=saved**');
    expect(await (await page.request.get(`${portal}/api/v1${here('MD-history')}/metadata/measurement`)).json()).toEqual({ energy: 7.1 });
  });

  it('one value is set in many sequences, seen before, and undone', async () => {
    const page = await windowOf('leader');
    await open(page, 'MD-bulk-1', { run: 1 });
    await open(page, 'MD-bulk-2', { run: 2 });
    await page.goto(`/metadata/bulk?s=${Proposal}/MD-bulk-1&s=${Proposal}/MD-bulk-2`);
    await page.fill('#bulk-path', 'measurement.method.technique');
    await page.fill('#bulk-value', 'XAFS');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV', exact: true }).click()]);
    expect(readFileSync((await download.path())!, 'utf8')).toContain('MD-bulk-2,2');
    await page.getByRole('button', { name: 'Preview', exact: true }).click();
    expect(await page.locator('#preview-heading').textContent()).toContain('2 sequences');
    await page.getByRole('button', { name: 'Make these changes' }).click();
    await page.waitForURL('**done=2**');
    const read = async () => (await page.request.get(`${portal}/api/v1${here('MD-bulk-1')}/metadata/measurement`)).json();
    expect(await read()).toEqual({ run: 1, measurement: { method: { technique: 'XAFS' } } });

    const table = await page.request.get(`${portal}/api/v1/metadata/table?s=${Proposal}/MD-bulk-1&s=${Proposal}/MD-bulk-2`);
    await page.setInputFiles('#bulk-table', { name: 'edited.csv', mimeType: 'text/csv', buffer: Buffer.from((await table.text()).replace(/MD-bulk-2,2/, 'MD-bulk-2,22')) });
    await page.getByRole('button', { name: 'Preview the table' }).click();
    expect(await page.locator('.difference').textContent()).toMatch(/\$\.run.*2.*22/s);

    await page.goto('/metadata/bulk');
    await page.getByRole('button', { name: 'Undo' }).first().click();
    await page.waitForURL('**done=undone**');
    expect(await read()).toEqual({ run: 1 });
  });

  it('paths and values that the chosen sequences have are suggested in bulk edit', async () => {
    const page = await windowOf('leader');
    await open(page, 'MD-seen-1', { method: { technique: 'XAFS' }, sample: [{ name: 'Pt foil' }] });
    await open(page, 'MD-seen-2', { method: { technique: 'SAXS' } });
    await page.goto(`/metadata/bulk?s=${Proposal}/MD-seen-1&s=${Proposal}/MD-seen-2`);
    await page.locator('#bulk-path[role=combobox]').waitFor();
    await page.focus('#bulk-path');
    await page.keyboard.type('tech');
    await page.locator('#bulk-path[aria-expanded=true]').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.inputValue('#bulk-path')).toBe('method.technique');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.locator('#bulk-value[aria-expanded=true]').waitFor();
    expect(await page.locator('bulk-value [role=option]:visible').allInnerTexts()).toEqual([expect.stringContaining('XAFS'), expect.stringContaining('SAXS')]);
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.inputValue('#bulk-value')).toBe('XAFS');
    await page.getByRole('button', { name: 'Preview', exact: true }).click();
    await page.locator('h2', { hasText: 'preview' }).or(page.locator('#preview-heading')).first().waitFor();
    expect(await page.locator('section', { has: page.locator('#preview-heading') }).innerText()).toContain('MD-seen-2');
  });

  it('people are suggested after an @ in a comment, and written by id', async () => {
    const page = await windowOf('leader');
    await open(page, 'MD-mention');
    await page.goto(`${here('MD-mention')}?tab=notes`);
    await page.locator('#comment-text[aria-autocomplete=list]').waitFor();
    await page.focus('#comment-text');
    await page.keyboard.type('Please look, @mem');
    const option = page.locator('mention-input [role=option]', { hasText: '@member' });
    await option.waitFor();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.inputValue('#comment-text')).toBe('Please look, @member ');
    // Elsewhere the keys of a text are its own.
    await page.keyboard.press('Enter');
    await page.keyboard.type('at me@example.jp');
    expect(await page.locator('mention-input [role=listbox]').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.locator('.comment-text .mention').waitFor();
  });

  it('keywords, a rating and a comment stand beside the data', async () => {
    const page = await windowOf('leader');
    await open(page, 'MD-notes');
    await page.goto(`${here('MD-notes')}?tab=notes`);
    await page.fill('#new-Keyword', 'ＸＡＦＳ');
    await page.locator('form:has(#new-Keyword) button').click();
    await page.locator('.label-list .tag', { hasText: 'XAFS' }).waitFor();
    await page.selectOption('#stars', '4');
    await page.getByRole('button', { name: 'Rate' }).click();
    await page.getByText('4.0 of 5').waitFor();
    await page.fill('#comment-text', '@member please look');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('.comment-text a.mention[title="@member"]').waitFor();
    expect(await page.locator('.comment-text').textContent()).toContain('please look');

    // The one who is spoken to hears of it on every page, reads it, and hears no more.
    const member = await windowOf('member');
    await member.goto('/proposals');
    const count = Number(await member.locator('.notices-count').textContent());
    await member.locator('.notices-link').click();
    const notice = member.locator('.comments li', { hasText: 'MD-notes' });
    await notice.locator('.tag', { hasText: 'unread' }).waitFor();
    expect(await findings(member)).toEqual([]);
    await notice.getByRole('button', { name: 'Mark read' }).click();
    await member.locator('.comments li:not(.unread)', { hasText: 'MD-notes' }).waitFor();
    await expect.poll(async () => Number((await member.locator('.notices-count').allTextContents())[0] ?? 0)).toBe(count - 1);
    await notice.getByRole('link', { name: /MD-notes/ }).click();
    await member.waitForURL('**tab=notes#comment-**');

    await page.getByRole('button', { name: 'Remove XAFS' }).click();
    await page.waitForFunction(() => !document.querySelector('.label-list')?.textContent?.includes('XAFS'));
  });
});

journey('The pages that describe', () => {
  withBrowser();

  beforeAll(async () => {
    const page = await windowOf('leader');
    await open(page, 'MD-looks', { title: 'Pt foil', measurement: { method: { technique: 'XAFS', element: 'Pt', edge: 'L9' }, scan: [{ start: { value: 11.4, unit: 'keV' } }] } });
    await page.request.put(`${portal}/api/v1${here('MD-looks')}/metadata/measurement/schema`, { data: { schema: 'xafs' }, headers: Csrf });
    await page.request.post(`${portal}/api/v1${here('MD-looks')}/comments`, { data: { text: 'よい測定です。 @member' }, headers: Csrf });
    await page.request.put(`${portal}/api/v1${here('MD-looks')}/keywords/白金`, { headers: Csrf });
  });

  it.each([
    { language: 'en', width: 1440 },
    { language: 'ja', width: 1440 },
    { language: 'en', width: 390 },
    { language: 'ja', width: 390 },
  ] as const)('fit and are accessible in $language on $width px', async (look) => {
    const pages: Record<string, [string, string]> = {
      form: ['leader', `${here('MD-looks')}?tab=metadata&edit=measurement`],
      standing: ['leader', `${here('MD-looks')}?tab=metadata`],
      notes: ['leader', `${here('MD-looks')}?tab=notes`],
      bulk: ['leader', `/metadata/bulk?s=${Proposal}/MD-looks`],
      schemas: ['admin', '/schemas'],
      notices: ['member', '/notices'],
      work: ['admin', '/work'],
    };
    const wrong: string[] = [];
    for (const [name, [who, address]] of Object.entries(pages)) {
      const page = await windowOf(who, look);
      await page.goto(address);
      if (name === 'form') {
        await page.locator('.schema-form .is-invalid').first().waitFor({ state: 'attached' });
      }
      await page.screenshot({ path: pictureFile(`metadata-${name}-${look.width}-${look.language}`), fullPage: true });
      wrong.push(...(await findings(page)).map((finding) => `${name}: ${finding}`));
      const over = await overflow(page);
      if (over > 0) {
        wrong.push(`${name}: ${over} px too wide`);
      }
    }
    expect(wrong).toEqual([]);
  }, 120_000);
});

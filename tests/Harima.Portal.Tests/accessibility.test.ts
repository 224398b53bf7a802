import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { findings, journey, overflow, pictureFile, plainJson, portal, window, windowOf, withBrowser } from './portal';

const Sequence = '/proposals/2026A1234/sequences/S0007-pt-ceo2-heating';

const pages: Record<string, string> = {
  home: '/',
  upload: '/upload',
  sequences: '/sequences',
  'sequences-none': '/sequences?q=nothing-is-called-so',
  find: '/find',
  'find-cards': '/find?q=beamline%3ABL14B2&view=cards',
  'find-plot': '/find?view=plot&x=date&y=size&log=y',
  'find-elements': '/find?view=elements',
  'find-builder': '/find?q=technique%3AXAFS+(size%3E1kB+OR+energy%3A11..12keV)',
  'find-nothing': '/find?q=technique%3AXAFS+beamline%3ANOWHERE',
  searches: '/searches',
  samples: '/samples',
  notices: '/notices',
  bulk: '/metadata/bulk?s=2026A1234/S0007-pt-ceo2-heating',
  'bulk-found': '/metadata/bulk?found=1&q=technique%3AXAFS',
  edits: '/metadata/edits',
  notes: `${Sequence}?tab=notes`,
  'sample-new': '/samples/new?proposal=2026A1234',
  related: `${Sequence}?tab=related`,
  'find-wrong': '/find?q=(energy',
  'find-none': '/find?q=nothing-is-called-so',
  sequence: Sequence,
  metadata: `${Sequence}?tab=metadata`,
  'metadata-edit': `${Sequence}?tab=metadata&edit=sample`,
  'metadata-raw': `${Sequence}?tab=metadata&raw=sample`,
  history: `${Sequence}?tab=history`,
  links: `${Sequence}?tab=links`,
  access: `${Sequence}/access`,
  proposals: '/proposals',
  proposal: '/proposals/2026A1234',
  keys: '/keys',
  workspaces: '/workspaces',
  workspace: '/workspaces/looks-bench',
  help: '/help',
  'not-found': '/nowhere',
};

const ofAdministrators: Record<string, string> = { work: '/work', schemas: '/schemas', storage: '/storage', registration: '/registration' };

const open: Record<string, string> = { login: '/login', 'home-open': '/', 'sequences-open': '/sequences', 'find-open': '/find' };

/** Boxes that hide a part of what is in them. Tabs and listings that scroll are meant to. */
async function cut(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('main *')]
      .filter((element) => {
        const overflow = getComputedStyle(element).overflowX;
        const meant = element.closest('.visually-hidden, thead, pre, textarea, input, .upload-scroll') !== null || overflow === 'auto' || overflow === 'scroll';
        return !meant && overflow !== 'visible' && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1;
      })
      .map((element) => `${element.tagName.toLowerCase()}.${element.className}`),
  );
}

journey('Every page', () => {
  withBrowser();

  beforeAll(async () => {
    const page = await windowOf('leader');
    const headers = { 'x-harima-csrf': '1' };
    await page.request.post(`${portal}/api/v1/workspaces`, { data: { id: 'looks-bench', title: 'Bench' }, headers });
    const sample = await page.request.post(`${portal}/api/v1/proposals/2026A1234/samples`, {
      data: { description: { names: ['白金/セリア', 'Pt/CeO2'], chemical_formula: 'CeO2', identifiers: { cas: '1306-38-3' } } },
      headers,
    });
    const { id } = (await sample.json()) as { id: string };
    Object.assign(pages, { sample: `/samples/${id}`, 'sample-edit': `/samples/${id}/edit` });
    // One that tells by the bell and one whose address nobody answers, so that there is something to look at.
    for (const [title, notify, target] of [['Bell', 'bell', null], ['フック', 'webhook', 'http://localhost:1/hook']] as const) {
      const saved = await page.request.post(`${portal}/api/v1/saved-searches`, { data: { title, q: 'technique:XAFS', notify, target }, headers });
      await page.request.post(`${portal}/api/v1/saved-searches/${((await saved.json()) as { id: string }).id}/test`, { headers });
    }
  });

  // Each language, theme and width with each other at least once.
  const looks = [
    { language: 'en', theme: 'light', width: 1440, height: 900 },
    { language: 'ja', theme: 'light', width: 390, height: 844 },
    { language: 'en', theme: 'dark', width: 390, height: 844 },
    { language: 'ja', theme: 'dark', width: 1440, height: 900 },
  ] as const;

  describe.each(looks)('in $language, $theme, $width px', (look) => {
    it('has no serious finding of axe and does not scroll sideways', async () => {
      const wrong: string[] = [];
      const visit = async (page: Page, all: [string, string][]) => {
        for (const [name, address] of all) {
          await page.goto(address);
          await page.waitForFunction(() => document.querySelector(':not(:defined)') === null);
          wrong.push(...(await findings(page)).map((finding) => `${name}: ${finding}`));
          if ((await overflow(page)) > 0) {
            wrong.push(`${name}: scrolls sideways`);
          }
          wrong.push(...(await cut(page)).map((box) => `${name}: ${box} is cut off`));
          expect(await page.locator('h1').count(), name).toBe(1);
          // The key of a text that is missing shows itself.
          wrong.push(...((await page.locator('body').innerText()).match(/\b[A-Z][a-zA-Z]+\.[A-Z][a-zA-Z.]+\b/g) ?? []).map((key) => `${name}: ${key}`));
          await page.screenshot({ path: pictureFile(`${name}-${look.width}-${look.language}-${look.theme}`), fullPage: true });
        }
      };
      // Two windows: while one waits for the server, axe is at work in the other.
      const both = async (who: () => Promise<Page>, all: Record<string, string>) => {
        const entries = Object.entries(all);
        const half = Math.ceil(entries.length / 2);
        const [one, two] = [await who(), await who()];
        await Promise.all([visit(one, entries.slice(0, half)), visit(two, entries.slice(half))]);
      };
      await both(() => windowOf('leader', look), pages);
      await both(() => window(look), open);
      await both(() => windowOf('admin', look), ofAdministrators);
      expect(wrong).toEqual([]);
    }, 400_000);
  });

  it.each([700, 1149, 1150, 1280, 1366])('has a head that fits on %i px, whatever the facility and its people are called', async (width) => {
    for (const language of ['en', 'ja'] as const) {
      const page = await windowOf('admin', { language, width });
      await page.goto('/keys');
      expect(await overflow(page), language).toBe(0);
      const brand = (await page.locator('.brand svg').boundingBox())!;
      expect(brand.width, language).toBeGreaterThan(25);
    }
  });

  it('of the upload under way is clean too', async () => {
    const page = await windowOf('leader', { theme: 'dark' });
    await page.goto('/upload?proposal=2026A1234');
    const files = ['a.txt', 'b.txt', 'c.txt'].map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(name) }));
    await plainJson(page);
    await page.fill('#measurement', '{"broken": }');
    await page.locator('.metadata-jump').waitFor();
    await page.locator('upload-island input[data-pick=files]').setInputFiles(files);
    await page.locator('.upload-row').nth(1).waitFor();
    expect(await findings(page)).toEqual([]);
  });

  it('with something selected and with the command dialog is clean too', async () => {
    const page = await windowOf('leader');
    await page.goto('/sequences');
    await page.locator('tbody input[type=checkbox]').first().check();
    expect(await findings(page)).toEqual([]);
    await page.locator('.selection-bar').getByRole('button', { name: 'Copy command' }).click();
    expect(await findings(page)).toEqual([]);
  });
});

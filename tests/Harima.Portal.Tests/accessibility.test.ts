import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { journey, pictureFile, plainJson, portal, window, windowOf, withBrowser } from './portal';

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

const open: Record<string, string> = { login: '/login', 'home-open': '/', 'sequences-open': '/sequences', 'find-open': '/find' };

async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter((violation) => violation.impact === 'serious' || violation.impact === 'critical')
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

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
    await page.request.post(`${portal}/api/v1/workspaces`, { data: { id: 'looks-bench', title: 'Bench' }, headers: { 'x-harima-csrf': '1' } });
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
      const visit = async (page: Page, all: Record<string, string>) => {
        for (const [name, address] of Object.entries(all)) {
          await page.goto(address);
          await page.waitForFunction(() => document.querySelector(':not(:defined)') === null);
          wrong.push(...(await findings(page)).map((finding) => `${name}: ${finding}`));
          if ((await overflow(page)) > 0) {
            wrong.push(`${name}: scrolls sideways`);
          }
          wrong.push(...(await cut(page)).map((box) => `${name}: ${box} is cut off`));
          expect(await page.locator('h1').count(), name).toBe(1);
          await page.screenshot({ path: pictureFile(`${name}-${look.width}-${look.language}-${look.theme}`), fullPage: true });
        }
      };
      await visit(await windowOf('leader', look), pages);
      await visit(await window(look), open);
      expect(wrong).toEqual([]);
    }, 180_000);
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

  it('shows no key of a missing text', async () => {
    for (const language of ['en', 'ja'] as const) {
      const page = await windowOf('leader', { language });
      for (const address of Object.values(pages)) {
        await page.goto(address);
        const text = await page.locator('body').innerText();
        expect(text).not.toMatch(/\b[A-Z][a-zA-Z]+\.[A-Z][a-zA-Z.]+\b/);
      }
    }
  }, 180_000);
});

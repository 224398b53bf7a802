// A browser, and the few things every journey does in it.
import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Cookie, type Page } from 'playwright-core';
import AxeBuilder from '@axe-core/playwright';
import { afterAll, afterEach, beforeAll, describe, inject } from 'vitest';
import type { Person } from './facility';

const Chromium = process.env['HARIMA_CHROMIUM'] ?? '/usr/bin/chromium';
const Flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage',
];

// On a desk without Chromium the journeys are left out; where CI is set they fail instead.
export const journey = existsSync(Chromium) || process.env['CI'] ? describe : describe.skip;

export interface Look {
  readonly language?: 'en' | 'ja';
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

export const { portal, s3, people } = inject('facility');

export function person(name: string): Person {
  const found = people.find((each) => each.name === name);
  if (!found) {
    throw new Error(`The demo facility has nobody called ${name}.`);
  }
  return found;
}

let browser: Browser;
const contexts: BrowserContext[] = [];

/** Call at the top of a journey: a browser for it, and closed windows after each test. */
export function withBrowser(): void {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: Chromium, args: Flags });
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
  });
  afterAll(async () => {
    await browser?.close();
  });
}

export async function window(look: Look = {}): Promise<Page> {
  const { language = 'en', theme = 'light', width = 1440, height = 900 } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    locale: language,
    baseURL: portal,
    acceptDownloads: true,
  });
  contexts.push(context);
  const page = await context.newPage();
  if (Slow) {
    await slowDown(context, page);
  }
  waitForScripts(page);
  page.on('pageerror', (error) => {
    throw error;
  });
  return page;
}

/** As a person does, a journey goes on when the page is there: its islands are fetched after the page itself is. */
function waitForScripts(page: Page): void {
  const isThere = async () => {
    await page.waitForFunction(() => document.readyState === 'complete' && document.querySelector(':not(:defined)') === null);
  };
  const after =
    <A extends unknown[], R>(go: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      const answer = await go(...given);
      await isThere();
      return answer;
    };
  page.goto = after(page.goto.bind(page));
  page.reload = after(page.reload.bind(page));
  page.goBack = after(page.goBack.bind(page));
  page.waitForURL = after(page.waitForURL.bind(page));
}

/**
 * HARIMA_TEST_SLOW=1: pages, scripts and answers come late, each by another time, and the page computes slowly. A journey that takes for
 * granted that the page was faster than the next key fails here, and not one time in fifty on a busy machine.
 */
const Slow = process.env['HARIMA_TEST_SLOW'] === '1';

async function slowDown(context: BrowserContext, page: Page): Promise<void> {
  await context.route(
    (url) => url.origin === portal,
    async (route) => {
      if (['document', 'fetch', 'xhr', 'script', 'image'].includes(route.request().resourceType())) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 900));
      }
      await route.continue().catch(() => undefined); // the page may be gone meanwhile
    },
  );
  const tools = await context.newCDPSession(page);
  await tools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
}

export async function logIn(page: Page, name: string): Promise<void> {
  const { password } = person(name);
  await page.goto('/login');
  await page.fill('#account', name);
  await page.fill('#password', password);
  await Promise.all([page.waitForURL((url) => url.pathname === '/'), page.click('.login form button[type=submit]')]);
}

/** Sessions of this file's people: a person logs in once, and is then at home in every window, as in a browser of their own. */
const sessions = new Map<string, Cookie[]>();

/** A window of somebody who has logged in. Where the session was ended meanwhile, they log in again. */
export async function windowOf(name: string, look: Look = {}): Promise<Page> {
  const page = await window(look);
  const session = sessions.get(name);
  if (session) {
    await page.context().addCookies(session);
    const me = await page.request.get('/api/v1/me');
    if (me.ok()) {
      await page.goto('/');
      return page;
    }
    await page.context().clearCookies();
  }
  await logIn(page, name);
  sessions.set(name, await page.context().cookies());
  return page;
}

/** What axe finds serious on the page as it is. */
export async function findings(page: Page): Promise<string[]> {
  // Our pages have no frames of other origins: what axe found need not be gathered in a page of its own.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] }).analyze();
  return violations
    .filter((violation) => violation.impact === 'serious' || violation.impact === 'critical')
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).join(', ')}`);
}

/** By how much the page is wider than the window. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

export function pictureFile(name: string): string {
  const folder = resolve(import.meta.dirname, 'screenshots');
  mkdirSync(folder, { recursive: true });
  return resolve(folder, `${name}.png`);
}

/** On the upload page: metadata as plain json, whatever schema the beamline was last used with. */
export async function plainJson(page: Page): Promise<void> {
  for (const kind of ['measurement', 'sample']) {
    await page.selectOption(`#${kind}-schema`, '');
    await page.locator(`#${kind}`).waitFor();
  }
}

// A browser, and the few things every journey does in it.
import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
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
  page.on('pageerror', (error) => {
    throw error;
  });
  return page;
}

export async function logIn(page: Page, name: string): Promise<void> {
  const { password } = person(name);
  await page.goto('/login');
  await page.fill('#account', name);
  await page.fill('#password', password);
  await Promise.all([page.waitForURL((url) => url.pathname === '/'), page.click('.login form button[type=submit]')]);
}

export async function windowOf(name: string, look: Look = {}): Promise<Page> {
  const page = await window(look);
  await logIn(page, name);
  return page;
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

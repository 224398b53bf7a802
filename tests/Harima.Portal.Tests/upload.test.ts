import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { journey, plainJson, portal, s3, window, windowOf, withBrowser } from './portal';

const Island = 'upload-island';

/** What the page does at once, and how much it draws. */
interface Effort {
  /** Turns of the event loop while the drop was read. */
  turns: number;
  /** Most files looked at between two of them. */
  filesInOneTurn: number;
  /** Most requests that were under way together. */
  requestsAtOnce: number;
  /** Most rows that were put into the list together. */
  rowsAtOnce: number;
  /** Changes of the document in all. */
  changes: number;
}

/** Counts what the page does before it would answer a click: a message that is posted anew each time stands for the click. */
async function watchEffort(page: Page): Promise<void> {
  await page.evaluate(() => {
    const effort: Effort = { turns: 0, filesInOneTurn: 0, requestsAtOnce: 0, rowsAtOnce: 0, changes: 0 };
    Object.assign(globalThis, { effort });
    const island = document.querySelector<HTMLElement>('upload-island')!;

    let files = 0;
    const size = Object.getOwnPropertyDescriptor(Blob.prototype, 'size')!;
    Object.defineProperty(Blob.prototype, 'size', {
      ...size,
      get(this: Blob) {
        if (this instanceof File) {
          effort.filesInOneTurn = Math.max(effort.filesInOneTurn, ++files);
        }
        return size.get!.call(this);
      },
    });
    const { port1, port2 } = new MessageChannel();
    const turn = () => {
      effort.turns++;
      files = 0;
      if (island.dataset['state'] === 'idle') {
        port2.postMessage(undefined);
      } else {
        Object.defineProperty(Blob.prototype, 'size', size);
      }
    };
    port1.onmessage = turn;
    turn();

    let requests = 0;
    const send = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function (body) {
      effort.requestsAtOnce = Math.max(effort.requestsAtOnce, ++requests);
      this.addEventListener('loadend', () => requests--);
      send.call(this, body);
    };

    new MutationObserver((changes) => {
      effort.changes += changes.length;
      effort.rowsAtOnce = Math.max(effort.rowsAtOnce, changes.reduce((sum, change) => sum + change.addedNodes.length, 0));
    }).observe(island, { childList: true, subtree: true, attributes: true, characterData: true });
  });
}

interface FileFacts {
  readonly path: string;
  readonly sizeBytes: number;
}

journey('Upload', () => {
  withBrowser();
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'harima-upload-'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function write(path: string, content: string | Uint8Array): void {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }

  async function prepare(page: Page, sequence: string): Promise<void> {
    await page.goto('/upload?proposal=2026A1234');
    await page.locator(`${Island}[data-state=idle]`).waitFor(); // the page is there before its script: what is dropped earlier, nobody takes
    await page.fill('#sequence', sequence);
  }

  async function choose(page: Page, name: string): Promise<void> {
    await page.locator(`${Island} input[data-pick=folder]`).setInputFiles(join(folder, name));
  }

  /** A real drop from the desktop, as the browser sees it: with folders, not with a list of files. */
  async function drop(page: Page, name: string): Promise<void> {
    const zone = page.locator('.upload-zone');
    await zone.scrollIntoViewIfNeeded();
    const box = (await zone.boundingBox())!;
    const session = await page.context().newCDPSession(page);
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      const data = { items: [], files: [join(folder, name)], dragOperationsMask: 1 };
      await session.send('Input.dispatchDragEvent', { type, x: box.x + 40, y: box.y + 20, data });
    }
  }

  async function start(page: Page): Promise<void> {
    await page.getByRole('button', { name: /^Upload \d/ }).click();
  }

  async function finished(page: Page, timeout = 60_000): Promise<string> {
    await page.locator(`${Island}[data-state=finished]`).waitFor({ timeout });
    return (await page.locator('.upload-success').textContent({ timeout: 5_000 })) ?? '';
  }

  /** What is done in the middle of an upload needs one that lasts, however fast the machine is or slow the journey. */
  async function uploadSlowly(page: Page): Promise<void> {
    await page.route(
      (url) => url.origin === s3,
      async (route) => {
        if (route.request().method() === 'PUT') {
          await new Promise((resolve) => setTimeout(resolve, 60));
        }
        await route.continue().catch(() => undefined);
      },
    );
  }

  async function filesOf(page: Page, sequence: string): Promise<FileFacts[]> {
    const all: FileFacts[] = [];
    let after = '';
    do {
      const reply = await page.request.get(
        `${portal}/api/v1/proposals/2026A1234/sequences/${sequence}/files?limit=1000${after && `&after=${encodeURIComponent(after)}`}`,
      );
      expect(reply.status()).toBe(200);
      const answer = (await reply.json()) as { items: FileFacts[]; next?: string | null };
      all.push(...answer.items);
      after = answer.next ?? '';
    } while (after);
    return all;
  }

  it('stores a folder as a tree together with both metadata, and skips all of it the second time', async () => {
    write('scan/raw/frame_0001.tif', 'first frame');
    write('scan/raw/frame_0002.tif', 'second frame');
    write('scan/試料 その1.txt', 'note');
    write('scan/.DS_Store', 'clutter');
    const page = await windowOf('leader');
    await prepare(page, 'UP-tree');
    await plainJson(page);
    await page.fill('#measurement', '{"energy": 25, "energy_unit": "keV"}');
    await page.fill('#sample', '{"sample": [{"name": "CeO2"}]}');
    await drop(page, 'scan');
    await page.locator('.upload-notice', { hasText: 'left out' }).waitFor();
    expect(await page.locator('.upload-notice').textContent()).toContain('1 system files');
    await start(page);
    expect(await finished(page)).toContain('All 3 files');
    expect((await filesOf(page, 'UP-tree')).map((file) => file.path)).toEqual([
      'scan/raw/frame_0001.tif', 'scan/raw/frame_0002.tif', 'scan/試料 その1.txt',
    ]);

    await page.reload();
    expect(await page.locator('.note').textContent()).toContain('holds 3 files');
    await choose(page, 'scan');
    await start(page);
    await finished(page);
    expect(await page.locator('.upload-figures').textContent()).toContain('3 were already there');

    await page.getByRole('link', { name: 'Open the sequence' }).click();
    await page.getByRole('link', { name: 'Metadata' }).click();
    expect(await page.locator('.metadata-tree').first().textContent()).toContain('25keV');
  });

  it('checks metadata while it is typed, with line and column, and does not upload with an error', async () => {
    write('one/a.txt', 'a');
    const page = await windowOf('leader');
    await prepare(page, 'UP-metadata');
    await plainJson(page);
    await page.fill('#measurement', '{\n  "energy": 25,\n  "energy" 8\n}');
    const jump = page.locator('.metadata-jump').first();
    expect(await jump.textContent()).toBe('Line 3, column 12');
    await jump.click();
    const selected = await page.locator('#measurement').evaluate((area: HTMLTextAreaElement) => area.value.slice(area.selectionStart));
    expect(selected.startsWith('8')).toBe(true);
    await choose(page, 'one');
    await start(page);
    await page.locator('.upload-notice', { hasText: 'The metadata has errors' }).waitFor();
    expect((await page.request.get(`${portal}/api/v1/proposals/2026A1234/sequences/UP-metadata`)).status()).toBe(404);
  });

  it('takes a metadata file that is dropped on its field', async () => {
    write('meta.json', '{"method": "XAFS"}');
    const page = await windowOf('leader');
    await prepare(page, 'UP-drop');
    const transfer = await page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(['{"method": "XAFS"}'], 'meta.json', { type: 'application/json' }));
      return data;
    });
    await plainJson(page);
    await page.dispatchEvent('#sample', 'drop', { dataTransfer: transfer });
    await page.locator('.metadata-verdict[data-good=true]').waitFor();
    expect(await page.inputValue('#sample')).toBe('{"method": "XAFS"}');
    expect(await page.locator('.upload-panel').isHidden()).toBe(true);
  });

  it('pauses and resumes', async () => {
    for (let i = 0; i < 500; i++) {
      write(`pause/f${i}.dat`, `frame ${i} `.repeat(200));
    }
    const page = await windowOf('leader');
    await uploadSlowly(page);
    await prepare(page, 'UP-pause');
    await choose(page, 'pause');
    await start(page);
    await page.waitForFunction(() => /^([1-9]\d*) of/.test(document.querySelector('.upload-summary')?.textContent ?? ''));
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.locator(`${Island}[data-state=paused]`).waitFor();
    const summary = page.locator('.upload-summary');
    // What was on its way when it was paused still arrives.
    await expect.poll(async () => {
      const one = await summary.textContent();
      await page.waitForTimeout(300);
      return (await summary.textContent()) === one;
    }).toBe(true);
    const before = await summary.textContent();
    await page.waitForTimeout(800);
    expect(await summary.textContent()).toBe(before);
    await page.getByRole('button', { name: 'Resume' }).click();
    expect(await finished(page, 120_000)).toContain('All 500 files');
    expect(await filesOf(page, 'UP-pause')).toHaveLength(500);
  }, 180_000);

  it('says before anything is sent which required fields are empty, and leads there', async () => {
    const page = await windowOf('leader');
    await page.goto('/upload?proposal=2026A1234');
    await page.selectOption('#measurement-schema', 'xafs/1');
    const hints = page.locator('metadata-hints');
    await hints.locator('p', { hasText: /Measurement metadata – \d+ required fields are empty: / }).waitFor();
    await hints.getByRole('button', { name: 'Go there: Measurement metadata' }).click();
    expect(await page.evaluate(() => document.activeElement?.closest('section')?.querySelector('#measurement') !== null)).toBe(true);
    await page.selectOption('#measurement-schema', '');
    await hints.waitFor({ state: 'hidden' });
  });

  it('goes on by itself after the network was gone', async () => {
    for (let i = 0; i < 300; i++) {
      write(`offline/f${i}.dat`, `frame ${i} `.repeat(100));
    }
    const page = await windowOf('leader');
    await uploadSlowly(page);
    await prepare(page, 'UP-offline');
    await choose(page, 'offline');
    await start(page);
    await page.waitForFunction(() => /^([1-9]\d*) of/.test(document.querySelector('.upload-summary')?.textContent ?? ''));
    await page.context().setOffline(true);
    await page.locator('.upload-figures', { hasText: 'Connection lost' }).waitFor();
    await page.context().setOffline(false);
    expect(await finished(page)).toContain('All 300 files');
  });

  it('continues a large file after the browser was closed, sending only what is missing', async () => {
    const bytes = new Uint8Array(96 * 1024 * 1024);
    for (let i = 0; i < bytes.length; i += 4096) {
      bytes[i] = i / 4096;
    }
    write('large/detector.h5', bytes);
    let page = await windowOf('leader');
    await prepare(page, 'UP-large');
    let parts = 0;
    await page.route(/partNumber=/, async (route) => {
      if (route.request().method() === 'PUT' && ++parts > 3) {
        await route.abort(); // the fourth and later parts never arrive: the browser is closed before
      } else {
        await route.continue();
      }
    });
    await choose(page, 'large');
    await start(page);
    await expect.poll(() => parts, { timeout: 30_000 }).toBeGreaterThan(3);
    await page.waitForTimeout(500);
    const storage = await page.context().storageState();
    await page.close({ runBeforeUnload: false });

    const context = await page.context().browser()!.newContext({ storageState: storage, baseURL: portal });
    page = await context.newPage();
    await page.goto('/');
    const reminder = page.locator('unfinished-uploads');
    await reminder.locator('a').waitFor();
    expect(await reminder.textContent()).toContain('large');
    await reminder.getByRole('link').click();
    let again = 0;
    page.on('request', (request) => {
      if (request.method() === 'PUT' && request.url().includes('partNumber=')) {
        again++;
      }
    });
    await choose(page, 'large');
    await start(page);
    await finished(page);
    expect(again).toBeLessThan(6);
    expect((await filesOf(page, 'UP-large'))[0]).toMatchObject({ path: 'large/detector.h5', sizeBytes: bytes.length });
    await page.goto('/');
    expect(await page.locator('unfinished-uploads .unfinished').count()).toBe(0);
    await context.close();
  });

  it('uploads 10,000 files of 10 kB in one drop without freezing the page', async () => {
    const content = new Uint8Array(10_000);
    for (let i = 0; i < 10_000; i++) {
      content[i % 10_000] = i;
      write(`many/${Math.floor(i / 500)}/f${i}.dat`, content);
    }
    const page = await windowOf('leader');
    await prepare(page, 'UP-many');
    await watchEffort(page);
    await drop(page, 'many');
    await page.locator('.upload-summary', { hasText: '10,000 files' }).waitFor({ timeout: 60_000 });
    const began = Date.now();
    await start(page);
    expect(await finished(page, 400_000)).toContain('All 10,000 files');
    const seconds = (Date.now() - began) / 1000;
    const effort = await page.evaluate(() => (globalThis as unknown as { effort: Effort }).effort);
    console.log(`10,000 files of 10 kB: ${seconds.toFixed(0)} s; ${JSON.stringify(effort)}`);
    // Counted, not timed: a machine that is busy may be slow, but it may not make the page do more at once.
    expect(effort.turns).toBeGreaterThan(100);
    expect(effort.filesInOneTurn).toBeLessThanOrEqual(200);
    expect(effort.requestsAtOnce).toBeLessThanOrEqual(6);
    expect(effort.rowsAtOnce).toBeLessThanOrEqual(200);
    expect(effort.changes).toBeLessThan(10 * 10_000);
    expect(await filesOf(page, 'UP-many')).toHaveLength(10_000);
    expect(await page.locator('.upload-rows [role=row]').count()).toBeLessThan(60);
  }, 500_000);

  it('refuses a closed sequence with a sentence, and closing is an explicit step', async () => {
    write('late/a.txt', 'a');
    const page = await windowOf('leader');
    await prepare(page, 'UP-close');
    await choose(page, 'late');
    await start(page);
    await finished(page);
    await page.getByRole('link', { name: 'Open the sequence' }).click();
    await page.check('#complete');
    await page.click('#close button');
    await page.waitForURL('**?done=closed');
    expect(await page.locator('.tag-closed').textContent()).toContain('Closed');
    await prepare(page, 'UP-close');
    await choose(page, 'late');
    await start(page);
    await page.locator('.upload-notice', { hasText: 'is closed' }).waitFor();
  });

  it('is not offered to somebody who may upload nowhere, nor to a visitor', async () => {
    const visitor = await window();
    await visitor.goto('/upload');
    expect(new URL(visitor.url()).pathname).toBe('/login');
  });
});

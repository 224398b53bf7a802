import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { putS3 } from './clients';
import { findings, journey, overflow, person, portal, windowOf, withBrowser } from './portal';

const Csrf = { 'x-harima-csrf': '1' };
const Proposal = '2026A1234';
const here = (sequence: string) => `/proposals/${Proposal}/sequences/${sequence}`;

async function withFile(page: Page, sequence: string, name: string, bytes: Buffer): Promise<void> {
  await page.request.post(`${portal}/api/v1/proposals/${Proposal}/sequences`, { data: { id: sequence }, headers: Csrf });
  await putS3(person('leader'), `/${Proposal.toLowerCase()}/${sequence}/${name}`, bytes);
}

/** A frame with a bright ring, as ESRF's detectors write it. */
function edf(): Buffer {
  const [width, height] = [96, 64];
  const pixels = Buffer.alloc(width * height * 2);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const radius = Math.hypot(x - width / 2, y - height / 2);
      pixels.writeUInt16LE(Math.abs(radius - 20) < 3 ? 4000 : 10 + ((x * 7 + y * 13) % 20), (y * width + x) * 2);
    }
  }
  const head = `{\nHeaderID = EH:000001:000000:000000 ;\nImage = 1 ;\nByteOrder = LowByteFirst ;\nDataType = UnsignedShort ;\nDim_1 = ${width} ;\nDim_2 = ${height} ;\nSize = ${pixels.length} ;\n`;
  return Buffer.concat([Buffer.from(`${head.padEnd(1022, ' ')}}\n`), pixels]);
}

function table(): Buffer {
  const rows = Array.from({ length: 200 }, (_, n) => `${11_400 + n},${(1 / (1 + Math.exp((100 - n) / 6)) + 0.05 * Math.sin(n / 7)).toFixed(5)}`);
  return Buffer.from(`energy_eV,mu\n${rows.join('\n')}\n`);
}

/** Three pages of grey, one brighter than the other, as a detector writes a series into one TIFF. */
function stack(): Buffer {
  const [width, height, pages] = [64, 48, 3];
  const parts: Buffer[] = [Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0])];
  let at = 8;
  for (let page = 0; page < pages; page++) {
    const pixels = Buffer.alloc(width * height * 2);
    for (let n = 0; n < width * height; n++) {
      // A bar at another place in each, so that no two pictures are the same.
      pixels.writeUInt16LE(Math.floor((n % width) / 16) === page ? 40_000 : 100 + (n % 50), n * 2);
    }
    const entries: [tag: number, type: number, count: number, value: number][] = [
      [256, 3, 1, width], [257, 3, 1, height], [258, 3, 1, 16], [259, 3, 1, 1], [262, 3, 1, 1],
      [273, 4, 1, at + 2 + 9 * 12 + 4], [277, 3, 1, 1], [278, 3, 1, height], [279, 4, 1, pixels.length],
    ];
    const directory = Buffer.alloc(2 + entries.length * 12 + 4);
    directory.writeUInt16LE(entries.length, 0);
    entries.forEach(([tag, type, count, value], n) => {
      directory.writeUInt16LE(tag, 2 + n * 12);
      directory.writeUInt16LE(type, 4 + n * 12);
      directory.writeUInt32LE(count, 6 + n * 12);
      directory.writeUInt32LE(value, 10 + n * 12);
    });
    const next = at + directory.length + pixels.length;
    directory.writeUInt32LE(page + 1 < pages ? next : 0, directory.length - 4);
    parts.push(directory, pixels);
    at = next;
  }
  return Buffer.concat(parts);
}

/** The picture in the page: its size, and how many shades of grey are in it. */
async function picture(page: Page, where: string): Promise<{ width: number; height: number; shades: number; isWhole: boolean }> {
  const image = page.locator(`${where} img`);
  await image.waitFor();
  return image.evaluate((img: HTMLImageElement) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [img.naturalWidth, img.naturalHeight];
    const drawing = canvas.getContext('2d')!;
    drawing.drawImage(img, 0, 0);
    const pixels = drawing.getImageData(0, 0, canvas.width, canvas.height).data;
    const shades = new Set<number>();
    for (let n = 0; n < pixels.length; n += 4) {
      shades.add(pixels[n]! + pixels[n + 1]! + pixels[n + 2]!);
    }
    const shape = img.clientWidth / img.clientHeight;
    return {
      width: canvas.width,
      height: canvas.height,
      shades: shades.size,
      isWhole: getComputedStyle(img).objectFit !== 'cover' || Math.abs(shape / (canvas.width / canvas.height) - 1) < 0.02,
    };
  });
}

journey('Pictures of what was measured', () => {
  withBrowser();

  it('stand on the page of a sequence: a frame of EDF, photos, the curve of a table', async () => {
    const page = await windowOf('leader');
    await page.goto('/help');
    const [png, jpeg] = [await page.screenshot({ type: 'png' }), await page.screenshot({ type: 'jpeg' })];
    const files = { 'PV-edf': ['frame.edf', edf()], 'PV-png': ['cell.png', png], 'PV-jpeg': ['stage.jpg', jpeg], 'PV-curve': ['scan.csv', table()] } as const;
    for (const [sequence, [name, bytes]] of Object.entries(files)) {
      await withFile(page, sequence, name, bytes);
      await page.goto(here(sequence));
      const shown = await picture(page, '.sequence-picture');
      expect(shown.shades, sequence).toBeGreaterThan(5);
      expect(shown.isWhole, sequence).toBe(true);
      expect(await findings(page), sequence).toEqual([]);
    }
    // Not only something: the ring of the frame, dark around it.
    await page.goto(here('PV-edf'));
    expect(await picture(page, '.sequence-picture')).toMatchObject({ width: 96, height: 64 });
  });

  it('stand there for NeXus and detector frames too', async () => {
    const page = await windowOf('leader');
    for (const type of ['nxs', 'cbf', 'tif']) {
      const found = await page.request.get(`${portal}/api/v1/search?limit=50&q=type%3A${type}`);
      const { items } = (await found.json()) as { items: { sequence: { proposalId: string; id: string } }[] };
      // Other journeys bring files of these kinds too, and not each is a picture: the newest that REST draws is drawn here.
      let drawn: { proposalId: string; id: string } | undefined;
      for (const { sequence } of items) {
        const answer = await page.request.get(`${portal}/api/v1/proposals/${sequence.proposalId}/sequences/${sequence.id}/preview`);
        if (answer.ok()) {
          drawn = sequence;
          break;
        }
      }
      expect(drawn, type).toBeDefined();
      const { proposalId, id } = drawn!;
      await page.goto(`/proposals/${proposalId}/sequences/${id}`);
      expect((await picture(page, '.sequence-picture')).shades, `${type}: ${id}`).toBeGreaterThan(3);
    }
  });

  it.each([
    { language: 'en', theme: 'light', width: 1440 },
    { language: 'ja', theme: 'dark', width: 390 },
  ] as const)('show another frame of a stack: by keyboard and by number, in $language on $width px', async (look) => {
    const page = await windowOf('leader', look);
    await withFile(page, 'PV-stack', 'series.tif', stack());
    await page.goto(here('PV-stack'));
    const shown = (frame: number) => page.locator(`.sequence-picture[data-shown="${frame}"]:not([aria-busy])`).waitFor();
    const source = () => page.locator('.sequence-picture img').getAttribute('src');
    await shown(2);
    const middle = await source();
    const slider = page.getByRole('slider', { name: look.language === 'ja' ? 'フレーム' : 'Frame' });
    expect(await slider.getAttribute('aria-valuetext')).toBe(look.language === 'ja' ? '2 / 3' : '2 of 3');
    expect(await findings(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);

    await slider.focus();
    await page.keyboard.press('ArrowRight');
    await shown(3);
    expect(await page.locator('.sequence-picture img').getAttribute('alt')).toContain('series.tif');
    const last = await source();
    await page.keyboard.press('Home');
    await shown(1);
    expect(new Set([middle, last, await source()]).size).toBe(3);

    const number = page.locator('.frame-number input');
    await number.fill('4');
    await number.press('Enter');
    await page.locator('#frame-said', { hasText: look.language === 'ja' ? '1 から 3 まで' : 'from 1 to 3' }).waitFor();
    // What was shown stays.
    await shown(1);
    expect(await findings(page)).toEqual([]);
    await number.fill('2');
    await number.press('Enter');
    await shown(2);
    expect(await source()).toBe(middle);

    // Overwritten meanwhile with what is no picture: that of another frame does not stand in its place.
    await putS3(person('leader'), `/${Proposal.toLowerCase()}/PV-stack/series.tif`, Buffer.from('no picture at all'));
    await number.fill('3');
    await number.press('Enter');
    await page.locator('#frame-said', { hasText: '3' }).waitFor();
    expect(await page.locator('.sequence-picture img').isVisible()).toBe(false);
  });

  it('are left out where a file is broken, without a hole in the page', async () => {
    const page = await windowOf('leader');
    await withFile(page, 'PV-broken', 'broken.png', Buffer.from('no picture at all'));
    const [answer] = await Promise.all([page.waitForResponse(/\/PV-broken\/preview$/), page.goto(here('PV-broken'))]);
    expect(answer.status()).toBe(404);
    expect(await page.locator('.sequence-picture img').count()).toBe(0);
    expect((await page.locator('.sequence-picture').boundingBox())?.width ?? 0).toBeLessThanOrEqual(1);
  });

  it.each([1440, 390])('show curves whole on the cards of %i px, with their axes', async (width) => {
    const page = await windowOf('leader', { width });
    await withFile(page, 'PV-card', 'scan.csv', table());
    await expect
      .poll(async () => {
        await page.goto('/find?q=PV-card&view=cards');
        return page.locator('.result-card', { hasText: 'PV-card' }).count();
      }, { timeout: 40_000, interval: 1000 })
      .toBe(1);
    const card = page.locator('.result-card', { hasText: 'PV-card' });
    await card.scrollIntoViewIfNeeded();
    expect((await picture(page, '.result-card .card-picture')).isWhole).toBe(true);
    expect(await overflow(page)).toBe(0);
  });
});

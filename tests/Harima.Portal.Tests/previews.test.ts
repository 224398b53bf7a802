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

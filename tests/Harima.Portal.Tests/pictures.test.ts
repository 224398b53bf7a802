// The picture of the README, and the upload under way to look at. `UPDATE_PICTURES=1 npm test` puts the former into docs/images.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { journey, pictureFile, windowOf, withBrowser } from './portal';

const Portal = process.env['UPDATE_PICTURES'] ? resolve(import.meta.dirname, '../../docs/images/portal.png') : pictureFile('portal');

journey('Pictures', () => {
  withBrowser();

  it('of the download table with a selection, for the README', async () => {
    const page = await windowOf('leader', { height: 860 });
    await page.goto('/sequences');
    const boxes = page.locator('tbody input[type=checkbox]');
    await boxes.nth(2).check();
    await boxes.nth(3).check();
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.screenshot({ path: Portal });
    expect(await page.locator('.selection-total').textContent()).toContain('2 selected');
  });

  it.each([
    { language: 'en', theme: 'light', width: 1440 },
    { language: 'ja', theme: 'dark', width: 390 },
  ] as const)('of an upload under way in $language on $width px', async (look) => {
    const folder = mkdtempSync(join(tmpdir(), 'harima-picture-'));
    for (const run of ['run-01', 'run-02', 'run-03']) {
      mkdirSync(join(folder, 'ceria-heating', run), { recursive: true });
      for (let i = 0; i < 200; i++) {
        writeFileSync(join(folder, 'ceria-heating', run, `frame_${String(i).padStart(4, '0')}.tif`), new Uint8Array(60_000 + i));
      }
    }
    const page = await windowOf('leader', look);
    await page.goto('/upload?proposal=2026A1234');
    await page.fill('#sequence', `PICTURE-${look.width}`);
    await page.locator('upload-island input[data-pick=folder]').setInputFiles(join(folder, 'ceria-heating'));
    await page.locator('.upload-buttons .btn-primary').first().click();
    await page.waitForFunction(() => Number(document.querySelector('upload-island [role=progressbar]')?.getAttribute('aria-valuenow')) > 25);
    // The head of the page sticks to the window: in a picture of the whole page it belongs on top.
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: pictureFile(`uploading-${look.width}-${look.language}`), fullPage: true });
    await page.locator('upload-island[data-state=finished]').waitFor({ timeout: 120_000 });
    await page.screenshot({ path: pictureFile(`uploaded-${look.width}-${look.language}`), fullPage: true });
    rmSync(folder, { recursive: true });
  }, 180_000);
});

import { expect, it } from 'vitest';
import { awsOf, missingProgram, mustRun } from './clients';
import { findings, overflow, journey, person, s3, windowOf, withBrowser } from './portal';

const Bucket = '2026a1234';
const Key = 'S0007-pt-ceo2-heating/journey/never-completed.h5';

journey('The storage page', () => {
  withBrowser();

  it('is offered to administrators and to nobody else', async () => {
    const admin = await windowOf('admin');
    await admin.click('header summary[aria-label^="Account of"]');
    await admin.getByRole('link', { name: 'Storage' }).click();
    expect(await admin.locator('h1').textContent()).toBe('Storage');
    for (const name of ['staff', 'leader', 'stranger']) {
      const page = await windowOf(name);
      expect(await page.getByRole('link', { name: 'Storage' }).count()).toBe(0);
      expect((await page.goto('/storage'))!.status()).toBe(403);
    }
  });

  it.each([
    { language: 'en', theme: 'light', width: 1440 },
    { language: 'ja', theme: 'dark', width: 390 },
  ] as const)('is clean in $language on $width px', async (look) => {
    const page = await windowOf('admin', look);
    await page.goto('/storage');
    expect(await findings(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    expect(await page.locator('body').innerText()).not.toMatch(/\bStorage\.[A-Z]/);
  });

  it('lets the scrubber rest and go on', async () => {
    const page = await windowOf('admin');
    await page.goto('/storage');
    const panel = page.locator('section', { has: page.getByRole('heading', { name: 'Scrubber' }) });
    await panel.getByRole('button', { name: 'Pause' }).click();
    await page.waitForURL('**done=paused');
    expect(await panel.locator('dd').first().textContent()).toBe('Paused');
    await panel.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL('**done=started');
    expect(await panel.locator('dd').first().textContent()).not.toBe('Paused');
  });

  it.skipIf(missingProgram('aws'))('shows an upload that was never completed, and gives it up', async () => {
    const leader = awsOf(person('leader'));
    await mustRun('aws', ['--endpoint-url', s3, 's3api', 'create-multipart-upload', '--bucket', Bucket, '--key', Key], leader);
    const page = await windowOf('admin');
    await page.goto('/storage');
    const row = page.locator('tr', { hasText: 'never-completed.h5' });
    expect(await row.textContent()).toContain('leader');
    page.on('dialog', (dialog) => void dialog.accept());
    await row.getByRole('button', { name: /^Give up/ }).click();
    await page.waitForURL('**done=aborted');
    expect(await row.count()).toBe(0);
    const left = await mustRun('aws', ['--endpoint-url', s3, 's3api', 'list-multipart-uploads', '--bucket', Bucket], leader);
    expect(left).not.toContain('never-completed.h5');
  });
});

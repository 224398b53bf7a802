import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { findings, overflow, journey, windowOf, withBrowser } from './portal';

const { storage } = inject('facility');

function makeTree(name: string): string {
  const tree = join(storage, name);
  mkdirSync(join(tree, 'S-heating/raw'), { recursive: true });
  mkdirSync(join(tree, '試料 1'), { recursive: true });
  writeFileSync(join(tree, 'S-heating/raw/1.csv'), 'time,temperature\n0,300\n');
  writeFileSync(join(tree, 'S-heating/raw/2.csv'), 'time,temperature\n1,301\n');
  writeFileSync(join(tree, '試料 1/note.txt'), 'second');
  writeFileSync(join(tree, 'readme.txt'), 'outside');
  symlinkSync('/etc/passwd', join(tree, 'S-heating/link'));
  return tree;
}

journey('The registration page', () => {
  withBrowser();

  it('is offered to administrators and to nobody else', async () => {
    const admin = await windowOf('admin');
    await admin.click('header summary[aria-label^="Account of"]');
    await admin.getByRole('link', { name: 'Registration' }).click();
    expect(await admin.locator('h1').textContent()).toBe('Registration');
    expect(await admin.locator('#registrations .empty').textContent()).toContain('Nothing has been registered yet');
    for (const name of ['staff', 'leader', 'stranger']) {
      const page = await windowOf(name);
      expect(await page.getByRole('link', { name: 'Registration' }).count()).toBe(0);
      expect((await page.goto('/registration'))!.status()).toBe(403);
    }
  });

  it('shows what would be made, registers it, follows it to its end, and finds what changed', async () => {
    const tree = makeTree('journey');
    const page = await windowOf('admin');
    page.on('dialog', (dialog) => void dialog.accept());
    await page.goto('/registration');
    await page.fill('#path', '/etc');
    await page.fill('#proposal', '2026A1234');
    await page.getByRole('button', { name: 'Preview' }).click();
    expect(await page.locator('.note-bad').textContent()).toContain(storage);

    await page.fill('#path', tree);
    await page.selectOption('#level', '1');
    await page.getByRole('button', { name: 'Preview' }).click();
    const preview = page.locator('section', { has: page.getByRole('heading', { name: /^What would be made/ }) });
    const said = await preview.innerText();
    expect(said).toContain('3 files');
    expect(said).toContain('S-heating');
    expect(said).toContain('試料 1');
    expect(said).toContain('Symbolic link, not followed');
    expect(said).toContain('readme.txt');
    await preview.getByRole('button', { name: 'Register' }).click();
    await page.waitForURL('**done=started');

    // Without a reload: the list renews itself until it has ended.
    const row = page.locator('#registrations tr', { hasText: tree });
    await expect.poll(() => row.innerText(), { timeout: 30_000 }).toContain('Done');
    expect(await row.innerText()).toMatch(/3/);
    await expect.poll(() => page.locator('#registrations').innerText(), { timeout: 60_000 }).toContain('are known');

    appendFileSync(join(tree, 'S-heating/raw/1.csv'), '2,302\n');
    rmSync(join(tree, 'S-heating/raw/2.csv'));
    await row.getByRole('button', { name: /^Scan/ }).click();
    await page.waitForURL('**done=rescanned');
    await expect.poll(() => row.innerText(), { timeout: 30_000 }).toContain('Done');
    await row.getByRole('link', { name: /Findings of/ }).click();
    const findings = await page.locator('#findings').innerText();
    expect(findings).toContain('Had changed');
    expect(findings).toContain('Had gone');
    expect(findings).toContain('S-heating/link');

    // People of the proposal read it like any other file.
    const leader = await windowOf('leader');
    await leader.goto('/proposals/2026A1234/sequences/S-heating');
    expect(await leader.locator('body').innerText()).toContain('1.csv');
    const content = await leader.request.get('/api/v1/proposals/2026A1234/sequences/S-heating/content/raw/1.csv');
    expect(await content.text()).toBe('time,temperature\n0,300\n2,302\n');
  });

  it('takes only what the patterns say, and takes a registration back', async () => {
    const tree = makeTree('patterns');
    const page = await windowOf('admin');
    page.on('dialog', (dialog) => void dialog.accept());
    await page.goto('/registration');
    await page.fill('#path', tree);
    await page.fill('#proposal', '2026A1234');
    await page.fill('#sequence', 'S-patterns');
    await page.fill('#include', '*.csv\n*.txt');
    await page.fill('#exclude', '試料*/');
    await page.getByRole('button', { name: 'Preview' }).click();
    const preview = page.locator('section', { has: page.getByRole('heading', { name: /^What would be made/ }) });
    const said = await preview.innerText();
    expect(said).toContain('3 files');
    expect(said).toContain('Left out by the patterns: 1');
    await preview.getByRole('button', { name: 'Register' }).click();
    await page.waitForURL('**done=started');
    const row = page.locator('#registrations tr', { hasText: tree });
    await expect.poll(() => row.innerText(), { timeout: 30_000 }).toContain('Done');
    expect(await row.innerText()).toContain('!試料*/');

    await row.getByRole('button', { name: /^Bring back/ }).click();
    await page.waitForURL('**done=brought-back');
    await expect.poll(() => row.innerText(), { timeout: 30_000 }).toContain('Done');
    await row.getByRole('button', { name: /^Remove/ }).click();
    await page.waitForURL('**done=removed');
    await expect.poll(() => row.count(), { timeout: 30_000 }).toBe(0);
    expect((await page.goto('/proposals/2026A1234/sequences/S-patterns'))!.status()).toBe(404);
    expect(readFileSync(join(tree, 'readme.txt'), 'utf8')).toBe('outside');
  });

  it('shows what a registration takes, and takes what other patterns say', async () => {
    const tree = makeTree('other-patterns');
    const page = await windowOf('admin');
    page.on('dialog', (dialog) => void dialog.accept());
    await page.goto(`/registration?path=${encodeURIComponent(tree)}&proposal=2026A1234&level=0&sequence=S-other-patterns`);
    await page.getByRole('button', { name: 'Register' }).click();
    await page.waitForURL('**done=started');
    const row = page.locator('#registrations tr', { hasText: tree });
    await expect.poll(() => row.innerText(), { timeout: 60_000 }).toContain('Done');
    await row.getByRole('link', { name: `Patterns: ${tree}` }).click();
    await page.waitForURL(/id=.*#patterns$/);
    const patterns = page.locator('#patterns');
    expect(await patterns.innerText()).toMatch(/All files[\s\S]*None[\s\S]*All that lies in the folder/);
    expect(await findings(page)).toEqual([]);

    // What is wrong is said, and nothing typed is lost.
    await page.fill('#patterns-include', '*.csv\n../*.txt');
    await patterns.getByRole('button', { name: 'Change the patterns' }).click();
    await page.locator('.note-bad', { hasText: '../*.txt' }).waitFor();
    expect(await page.inputValue('#patterns-include')).toBe('*.csv\n../*.txt');

    await page.fill('#patterns-include', '*.csv\n*.txt');
    await page.fill('#patterns-exclude', '試料*/');
    await patterns.getByRole('button', { name: 'Change the patterns' }).click();
    await page.waitForURL(/done=patterns/);
    await page.locator('.note-good', { hasText: 'The patterns were changed' }).waitFor();
    // Without a reload: the form is there again when it has been looked through.
    await page.locator('live-section#patterns:not([running]) #patterns-include').waitFor({ timeout: 60_000 });
    expect(await page.inputValue('#patterns-include')).toBe('*.csv\n*.txt');
    expect(await patterns.innerText()).toContain('試料*/');
    const leader = await windowOf('leader');
    const listed = await leader.request.get('/api/v1/proposals/2026A1234/sequences/S-other-patterns/files');
    const { items } = (await listed.json()) as { items: { path: string }[] };
    expect(items.map((file) => file.path).sort()).toEqual(['S-heating/raw/1.csv', 'S-heating/raw/2.csv', 'readme.txt']);
    for (const look of [{ language: 'ja', theme: 'dark', width: 390 }, { language: 'en', theme: 'light', width: 390 }] as const) {
      const small = await windowOf('admin', look);
      await small.goto(page.url());
      await small.locator('#patterns-include').waitFor();
      expect(await findings(small)).toEqual([]);
      expect(await overflow(small)).toBe(0);
      expect(await small.locator('body').innerText()).not.toMatch(/\bRegistration\.[A-Z]/);
    }
  }, 120_000);

  it('says why a scan could not go on, and goes on', async () => {
    const tree = makeTree('vanishing');
    const page = await windowOf('admin');
    page.on('dialog', (dialog) => void dialog.accept());
    await page.goto(`/registration?path=${encodeURIComponent(tree)}&proposal=2026A1234&level=0&sequence=S-vanishing`);
    await page.getByRole('button', { name: 'Register' }).click();
    const row = page.locator('#registrations tr', { hasText: tree });
    await expect.poll(() => row.innerText(), { timeout: 30_000 }).toContain('Done');
    rmSync(tree, { recursive: true });
    await row.getByRole('button', { name: /^Scan/ }).click();
    await expect.poll(() => row.innerText(), { timeout: 30_000 }).toContain('Is its file system mounted?');
    makeTree('vanishing');
    await row.getByRole('button', { name: /^Go on/ }).click();
    await expect.poll(() => row.innerText(), { timeout: 30_000 }).toContain('Done');
  });

  it.each([
    { language: 'en', theme: 'light', width: 1440 },
    { language: 'ja', theme: 'dark', width: 390 },
    { language: 'ja', theme: 'light', width: 1440 },
  ] as const)('is clean in $language on $width px', async (look) => {
    const tree = makeTree(`look-${look.language}-${look.width}`);
    const page = await windowOf('admin', look);
    await page.goto(`/registration?path=${encodeURIComponent(tree)}&proposal=2026A1234&level=1`);
    expect(await findings(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    expect(await page.locator('body').innerText()).not.toMatch(/\bRegistration\.[A-Z]/);
    if (process.env['HARIMA_PICTURES']) {
      await page.screenshot({ path: join(process.env['HARIMA_PICTURES'], `registration-${look.language}-${look.width}.png`), fullPage: true });
    }
  });
});

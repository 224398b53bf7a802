import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { journey, window, windowOf, withBrowser } from './portal';

async function count(page: Page): Promise<number> {
  return Number((await page.locator('.find-count').innerText()).replace(/\D/g, ''));
}

/** A search of everything, once the index has taken up the demo facility. */
async function everything(page: Page): Promise<void> {
  for (;;) {
    await page.goto('/find');
    if ((await page.locator('tbody .card-title').count()) > 0) {
      return;
    }
    await page.waitForTimeout(250);
  }
}

async function search(page: Page, question: string): Promise<void> {
  await page.keyboard.press('/');
  await page.keyboard.type(question);
  await Promise.all([page.waitForURL((url) => url.searchParams.get('q') === question), page.keyboard.press('Enter')]);
}

journey('Finding', () => {
  withBrowser();

  it('is reached from Home and finds the same by an English and a Japanese question', async () => {
    const page = await windowOf('leader');
    await everything(page);
    await page.goto('/');
    await page.getByRole('link', { name: 'Find data' }).click();
    const all = await count(page);
    await search(page, 'technique:XAFS');
    const english = await count(page);
    expect(english).toBeGreaterThan(0);
    expect(english).toBeLessThan(all);
    const japanese = await windowOf('leader', { language: 'ja' });
    await japanese.goto('/find');
    expect(await japanese.locator('h1').innerText()).toBe('検索');
    await search(japanese, '手法：XAFS');
    expect(await count(japanese)).toBe(english);
  });

  it('narrows by a value at the side, takes it away as a chip, and the back button restores', async () => {
    const page = await windowOf('leader');
    await everything(page);
    const all = await count(page);
    const facet = page.locator('.facets section', { has: page.getByRole('heading', { name: 'Beamline' }) }).locator('a').first();
    const said = Number(await facet.locator('.facet-count').innerText());
    await facet.click();
    await page.waitForURL(/q=beamline/);
    expect(await count(page)).toBe(said);
    await page.locator('.chip').click();
    await page.waitForURL((url) => url.search === '');
    expect(await count(page)).toBe(all);
    await page.goBack();
    expect(await count(page)).toBe(said);
    expect(await page.locator('.chip').count()).toBe(1);
    await page.goBack();
    expect(await page.inputValue('#q')).toBe('');
    expect(await count(page)).toBe(all);
  });

  it('shows cards, and keeps the question and the order', async () => {
    const page = await windowOf('leader');
    await page.goto('/find?q=beamline%3ABL14B2&sort=size');
    const found = await count(page);
    await page.getByRole('link', { name: 'Cards' }).click();
    await page.locator('.result-cards').waitFor();
    expect(await count(page)).toBe(found);
    expect(new URL(page.url()).searchParams.get('sort')).toBe('size');
    await page.selectOption('#sort', 'id');
    await page.waitForURL(/sort=id/);
    expect(new URL(page.url()).searchParams.get('view')).toBe('cards');
    const ids = await page.locator('.result-cards h2').allInnerTexts();
    expect(ids).toEqual([...ids].sort());
  });

  it('marks what is wrong and keeps what was typed', async () => {
    const page = await windowOf('leader');
    await page.goto('/find?q=XAFS%20(energy');
    expect(await page.locator('.question-place mark').innerText()).toBe('(');
    expect(await page.inputValue('#q')).toBe('XAFS (energy');
  });

  it('shows a stranger nothing of what is hidden: no hit, no value, no count', async () => {
    const leader = await windowOf('leader');
    await everything(leader);
    await leader.goto('/find?q=visibility%3Alimited');
    const hidden = await leader.locator('tbody .card-title > a').first().innerText();
    expect(hidden).not.toBe('');
    for (const page of [await windowOf('stranger'), await window()]) {
      await page.goto(`/find?q=id%3A${encodeURIComponent(hidden)}`);
      expect(await count(page)).toBe(0);
      expect(await page.locator('main').textContent()).toContain('Nothing matches');
      expect(await page.locator('.facet').count()).toBe(0);
    }
  });
});

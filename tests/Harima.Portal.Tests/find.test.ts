import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { journey, portal, window, windowOf, withBrowser } from './portal';

async function count(page: Page): Promise<number> {
  return Number((await page.locator('.find-count').innerText()).replace(/\D/g, ''));
}

/** A search of everything, once the index has taken up whatever the facility and other journeys made. */
async function everything(page: Page): Promise<void> {
  const countOf = async (address: string) => ((await (await page.request.get(`${portal}/api/v1/${address}`)).json()) as { count: number }).count;
  await expect
    .poll(async () => (await countOf('search?limit=0')) - (await countOf('sequences?limit=1&count=true')), { timeout: 60_000, interval: 250 })
    .toBe(0);
  await page.goto('/find');
  await page.locator('tbody .card-title').first().waitFor();
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
    await page.waitForURL('**/find');
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
    await page.waitForURL(/view=cards/);
    await page.locator('.result-cards').waitFor();
    expect(await count(page)).toBe(found);
    expect(new URL(page.url()).searchParams.get('sort')).toBe('size');
    await page.selectOption('#sort', 'id');
    await page.waitForURL(/sort=id/);
    expect(new URL(page.url()).searchParams.get('view')).toBe('cards');
    const ids = await page.locator('.result-cards h2').allInnerTexts();
    expect(ids).toEqual([...ids].sort());
  });

  it('shows a frame on the card of what has one', async () => {
    const page = await windowOf('leader');
    await everything(page);
    await page.goto('/find?q=type%3Acbf&view=cards');
    const picture = page.locator('.card-picture img').first();
    await picture.waitFor();
    expect(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(100);
  });

  it('marks what is wrong and keeps what was typed', async () => {
    const page = await windowOf('leader');
    await page.goto('/find?q=XAFS%20(energy');
    expect(await page.locator('.question-place mark').innerText()).toBe('(');
    expect(await page.inputValue('#q')).toBe('XAFS (energy');
  });

  it('completes fields, then their values with counts, by the keyboard alone', async () => {
    const page = await windowOf('leader');
    await everything(page);
    await page.focus('#q');
    await page.keyboard.type('beaml');
    await page.locator('#q[aria-expanded=true]').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.locator('#q[aria-activedescendant]').waitFor();
    const active = await page.getAttribute('#q', 'aria-activedescendant');
    expect(await page.locator(`[id="${active}"]`).textContent()).toContain('beamline');
    await page.keyboard.press('Tab');
    expect(await page.inputValue('#q')).toBe('beamline:');
    const option = page.locator('.suggestions [role=option]', { hasText: 'BL14B2' });
    await option.waitFor();
    const said = Number(await option.locator('.suggestion-count').innerText());
    await page.keyboard.type('BL14');
    await page.keyboard.press('ArrowDown');
    await page.locator('.suggestions [aria-selected=true]', { hasText: 'BL14B2' }).waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.inputValue('#q')).toBe('beamline:BL14B2 ');
    await Promise.all([page.waitForURL(/q=beamline/), page.keyboard.press('Enter')]);
    expect(await count(page)).toBe(said);
  });

  it('takes what is first in a list that comes later than the keys for it, and sends what stands there where it stays empty', async () => {
    const page = await windowOf('leader');
    await everything(page);
    await page.route('**/api/v1/search/**', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      await route.continue().catch(() => undefined);
    });
    await page.focus('#q');
    for (const key of ['b', 'e', 'a', 'm', 'l', 'ArrowDown', 'Enter']) {
      await page.keyboard.press(key);
    }
    await expect.poll(() => page.inputValue('#q')).toBe('beamline:');
    expect(new URL(page.url()).search).toBe('');
    await page.fill('#q', 'beamline:nowhere');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=beamline%3Anowhere/);
  });

  it('leaves the keys to the input method while it composes', async () => {
    const page = await windowOf('leader', { language: 'ja' });
    await everything(page);
    await page.focus('#q');
    await page.keyboard.type('beamline:');
    await page.locator('.suggestions [role=option]').first().waitFor();
    await page.keyboard.press('ArrowDown');
    // What a browser sends while kana are turned into kanji: Enter belongs to the input method.
    const taken = await page.evaluate(() => {
      const input = document.querySelector<HTMLInputElement>('#q')!;
      const enter = new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true });
      input.dispatchEvent(enter);
      return enter.defaultPrevented;
    });
    expect(taken).toBe(false);
    expect(await page.inputValue('#q')).toBe('beamline:');
  });

  it('builds a question from rows, and reads a written one into rows', async () => {
    const page = await windowOf('leader');
    await everything(page);
    await page.locator('query-builder summary').click();
    const rows = page.locator('.builder-row');
    await rows.first().locator('input[type=text]').first().fill('technique');
    await rows.first().locator('input[type=text]').first().press('Tab');
    await rows.first().locator('.builder-value input').fill('XAFS');
    await page.getByRole('button', { name: 'Condition', exact: true }).click();
    await page.keyboard.type('energy');
    await page.keyboard.press('Tab');
    await rows.nth(1).locator('select').selectOption('between');
    await rows.nth(1).locator('.builder-value input').first().fill('11');
    await rows.nth(1).locator('.builder-value input').last().fill('13');
    await rows.nth(1).locator('.builder-unit input').fill('keV');
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#q')!.value === 'technique:XAFS energy:11..13keV');
    await page.locator('query-builder .btn-primary').click();
    await page.waitForURL(/q=technique/);
    expect(await count(page)).toBeGreaterThan(0);

    await page.fill('#q', 'technique:XAFS (size>1kB OR NOT status:open)');
    await page.locator('.builder-group .builder-group .builder-row').nth(1).waitFor();
    const negated = page.locator('.builder-group .builder-group .builder-row').nth(1);
    expect(await negated.locator('input[type=checkbox]').isChecked()).toBe(true);
    await negated.locator('input[type=checkbox]').uncheck();
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('#q')!.value === 'technique:XAFS (size:>1kB OR status:open)');
    await page.fill('#q', 'technique:XAFS (size');
    await page.locator('.builder-place mark', { hasText: '(' }).waitFor();
  });

  it('shows any metadata as a column, in an order that is kept by name', async () => {
    const page = await windowOf('leader');
    await everything(page);
    const heads = () => page.locator('.table-frame thead th').allInnerTexts();
    await page.goto('/find?q=has%3Aenergy&columns=date,energy');
    expect((await heads()).slice(2)).toEqual(['Date measured', 'Energy (keV)']);
    await page.locator('.columns-menu > summary').click();
    await page.locator('column-editor input[type=text]').fill('chemical_form');
    await page.locator('column-editor [role=option]').first().click();
    await page.getByRole('button', { name: /Move sample\..*to the left/ }).click();
    await page.getByRole('button', { name: 'Show these' }).click();
    await page.waitForURL(/columns=date%2Csample/);
    expect((await heads()).slice(2)).toEqual(['Date measured', 'chemical_formula', 'Energy (keV)']);
    expect(await page.locator('tbody td.num').count()).toBeGreaterThan(0);
    await page.locator('.columns-menu > summary').click();
    await page.fill('#column-set', 'Formulas');
    await Promise.all([page.waitForLoadState('load'), page.locator('.columns-menu').getByRole('button', { name: 'Save' }).click()]);
    await page.goto('/find');
    await page.locator('.columns-menu > summary').click();
    await page.getByRole('link', { name: 'Formulas' }).click();
    await page.waitForURL(/columns=/);
    expect((await heads()).slice(2)).toEqual(['Date measured', 'chemical_formula', 'Energy (keV)']);
    // What was seen last is where the next search begins, until it is forgotten.
    await page.goto('/find');
    expect((await heads()).slice(2)).toEqual(['Date measured', 'chemical_formula', 'Energy (keV)']);
    await page.locator('.columns-menu > summary').click();
    await page.getByRole('button', { name: /Last used/ }).click();
    await page.waitForLoadState('load');
    await page.goto('/find');
    expect((await heads()).slice(2)).toContain('Owner');
  });

  it('moves columns by dragging and by the keyboard, and remembers where they are', async () => {
    const page = await windowOf('ito');
    await everything(page);
    const heads = () => page.locator('.table-frame thead th[data-column]').evaluateAll((cells) => cells.map((cell) => (cell as HTMLElement).dataset['column']));
    expect(await heads()).toEqual(['date', 'technique', 'beamline', 'size', 'owner']);
    const cell = (column: string) => page.locator(`thead th[data-column=${column}]`);
    const dates = await page.locator('tbody tr:first-child td').nth(1).innerText();
    const saved = page.waitForResponse((reply) => reply.url().endsWith('/column-sets/last-used'));
    await cell('size').dragTo(cell('date'));
    expect(await heads()).toEqual(['size', 'date', 'technique', 'beamline', 'owner']);
    expect((await saved).ok()).toBe(true);
    expect(await page.locator('tbody tr:first-child td').nth(2).innerText()).toBe(dates);
    expect(new URL(page.url()).searchParams.get('columns')).toBe('size,date,technique,beamline,owner');

    const again = page.waitForResponse((reply) => reply.url().endsWith('/column-sets/last-used'));
    await page.getByRole('button', { name: 'Move column Owner' }).focus();
    await page.keyboard.press('ArrowLeft');
    expect(await heads()).toEqual(['size', 'date', 'technique', 'owner', 'beamline']);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Move column Owner');
    expect(await page.locator('column-order [role=status]').innerText()).toBe('Owner is column 4 of 5');
    await again;
    // Links on the page lead on with the new order, and it is there next time.
    await page.getByRole('link', { name: 'Cards' }).click();
    await page.waitForURL(/columns=size%2Cdate%2Ctechnique%2Cowner%2Cbeamline/);
    await page.goto('/find');
    expect(await heads()).toEqual(['size', 'date', 'technique', 'owner', 'beamline']);
  });

  it('gives what was found as a workbook, with the columns that are seen', async () => {
    const page = await windowOf('leader');
    await everything(page);
    await page.goto('/find?q=technique%3AXAFS&columns=beamline,size');
    await page.getByText('Export', { exact: true }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'XLSX' }).click()]);
    expect(download.suggestedFilename()).toMatch(/\.xlsx$/);
    const bytes = readFileSync(await download.path());
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('PK\x03\x04');
    expect(bytes.length).toBeGreaterThan(2000);
  });

  it('draws one number against another, and a point opens its sequence', async () => {
    const page = await windowOf('leader');
    await everything(page);
    await page.goto('/find?view=plot&x=date&y=size&log=y');
    const plot = page.locator('.plot-frame');
    await plot.locator('circle').first().waitFor();
    expect(await plot.locator('.plot-points circle').count()).toBe(await count(page));
    await plot.focus();
    await page.keyboard.press('ArrowRight');
    const named = await page.locator('.plot-tip strong').innerText();
    await Promise.all([page.waitForURL(/\/sequences\//), page.keyboard.press('Enter')]);
    expect(decodeURIComponent(page.url())).toContain(named.split(' / ')[1]);
  });

  it('narrows by an element of the periodic table and by a stretch of the histogram', async () => {
    const page = await windowOf('leader');
    await everything(page);
    await page.goto('/find?view=elements');
    const platinum = page.locator('a.element', { hasText: 'Pt' });
    const said = Number(await platinum.locator('small').innerText());
    await platinum.click();
    await page.waitForURL(/q=element%3APt/);
    expect(await count(page)).toBe(said);
    expect(await platinum.getAttribute('aria-current')).toBe('true');

    await page.goto('/find?histogram=date');
    const bars = page.locator('histogram-brush rect');
    const box = (await page.locator('histogram-brush svg').boundingBox())!;
    const all = await count(page);
    await page.mouse.move(box.x + 2, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / (await bars.count()) / 2, box.y + 20);
    await page.mouse.up();
    await page.waitForURL(/q=date/);
    expect(await count(page)).toBeLessThan(all);
    expect(await count(page)).toBeGreaterThan(0);
    // Another range takes the place of the one before.
    await page.goto(`${new URL(page.url()).pathname}${new URL(page.url()).search}&narrow=date&from=2000`);
    expect(await page.locator('.chip').count()).toBe(1);
    expect(await count(page)).toBe(all);
  });

  it('says which condition takes everything away', async () => {
    const page = await windowOf('leader');
    await everything(page);
    await page.goto('/find?q=technique%3AXAFS+beamline%3ANOWHERE');
    const row = page.locator('tr', { hasText: 'beamline:NOWHERE' });
    await row.getByRole('link').click();
    await page.waitForURL((url) => url.searchParams.get('q') === 'technique:XAFS');
    expect(await count(page)).toBeGreaterThan(0);
  });

  it('keeps a search by name, shares it, changes its notice, and gives back what was deleted', async () => {
    const page = await windowOf('leader');
    await everything(page);
    await page.goto('/find?q=technique%3AXAFS&view=cards');
    await page.getByText('Save search').click();
    await page.fill('#save-title', 'All XAFS');
    await page.locator('.menu-form').getByRole('button', { name: 'Save', exact: true }).last().click();
    await page.waitForURL(/done=saved/);
    await page.goto('/searches');
    const one = page.locator('.saved-searches > li', { hasText: 'All XAFS' });
    const id = (await one.getAttribute('id'))!;
    await one.getByText('Name and notice').click();
    await one.getByLabel('Name', { exact: true }).fill('XAFS of everyone');
    await one.getByRole('button', { name: 'Save', exact: true }).click();
    await page.waitForURL(/done=changed/);

    const other = await windowOf('stranger');
    await other.goto(`/searches/${id}`);
    expect(new URL(other.url()).searchParams.get('q')).toBe('technique:XAFS');
    expect(new URL(other.url()).searchParams.get('view')).toBe('cards');

    await page.getByRole('button', { name: 'Delete the saved search XAFS of everyone' }).click();
    await page.waitForURL(/deleted=/);
    expect(await page.locator('.saved-searches > li', { hasText: 'XAFS of everyone' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.saved-searches > li', { hasText: 'XAFS of everyone' }).waitFor();
    await page.goto('/');
    await page.getByRole('link', { name: 'XAFS of everyone' }).click();
    await page.waitForURL(/q=technique/);
  });

  it('selects what was found and takes it to bulk edit', async () => {
    const page = await windowOf('leader');
    await everything(page);
    await page.goto('/find?q=technique%3AXAFS');
    const found = await count(page);
    await page.locator('thead input[data-all]').check();
    await page.locator('.selection-total', { hasText: `${found} selected` }).waitFor();
    await page.getByRole('button', { name: 'Change metadata' }).click();
    await page.waitForURL(/bulk/);
    expect((await page.inputValue('#bulk-sequences')).split('\n').length).toBe(found);
  });

  it('shows on a sequence what is related to it', async () => {
    const page = await windowOf('leader');
    await everything(page);
    await page.goto('/proposals/2026A1187/sequences/S0002-ptc-as-received?tab=related');
    expect(await page.locator('#related-SameProposal').count()).toBe(1);
    expect(await page.locator('main a[href$="S0003-ptc-reduced"]').count()).toBeGreaterThan(0);
  });

  it('has the facets in a drawer above what was found on a phone', async () => {
    const page = await windowOf('leader', { width: 390, height: 844 });
    await everything(page);
    await page.goto('/find');
    const drawer = page.locator('#facets');
    expect(await drawer.evaluate((element) => (element as HTMLDetailsElement).open)).toBe(false);
    expect((await drawer.boundingBox())!.y).toBeLessThan((await page.locator('.table-cards').boundingBox())!.y);
    await drawer.locator('> summary').click();
    await drawer.locator('.facet').first().click();
    await page.waitForURL(/q=/);
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

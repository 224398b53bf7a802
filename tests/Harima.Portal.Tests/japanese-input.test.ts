import type { CDPSession, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { journey, windowOf, withBrowser } from './portal';

/** An input method as Chromium knows it: kana are composed, its keys come as 229, what was chosen is put in. */
class InputMethod {
  private constructor(private readonly browser: CDPSession) {}

  static async of(page: Page): Promise<InputMethod> {
    return new InputMethod(await page.context().newCDPSession(page));
  }

  async compose(text: string): Promise<void> {
    for (let length = 1; length <= text.length; length++) {
      await this.browser.send('Input.imeSetComposition', { text: text.slice(0, length), selectionStart: length, selectionEnd: length });
    }
  }

  /** A key that goes to the input method: it moves among its candidates, or takes one. */
  async key(key: 'Enter' | 'ArrowDown' | 'Escape' | 'Tab'): Promise<void> {
    await this.browser.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key, code: key, windowsVirtualKeyCode: 229 });
    await this.browser.send('Input.dispatchKeyEvent', { type: 'keyUp', key, code: key, windowsVirtualKeyCode: 229 });
  }

  async commit(text: string): Promise<void> {
    await this.browser.send('Input.insertText', { text });
  }
}

const question = (page: Page) => new URL(page.url()).searchParams.get('q');

journey('Typing Japanese with an input method', () => {
  withBrowser();

  it('in the search field: its Enter sends nothing, and the text it makes is searched by the next one', async () => {
    const page = await windowOf('leader', { language: 'ja' });
    await page.goto('/find');
    await page.locator('#q[role=combobox]').waitFor();
    await page.focus('#q');
    const method = await InputMethod.of(page);
    await method.compose('しょくばい');
    expect(await page.inputValue('#q')).toBe('しょくばい');
    await method.key('ArrowDown');
    await method.key('Enter');
    await page.waitForTimeout(400);
    expect(question(page)).toBeNull();
    await method.commit('触媒');
    expect(await page.inputValue('#q')).toBe('触媒');
    await Promise.all([page.waitForURL((url) => url.searchParams.has('q')), page.keyboard.press('Enter')]);
    expect(question(page)).toBe('触媒');
    expect(await page.locator('.find-count').innerText()).not.toMatch(/^0/);
  });

  it('in the search field: what is suggested meanwhile takes nothing of it, and is taken when it is done', async () => {
    const page = await windowOf('leader', { language: 'ja' });
    await page.goto('/find');
    await page.locator('#q[role=combobox]').waitFor();
    await page.focus('#q');
    const method = await InputMethod.of(page);
    await method.compose('手');
    await page.locator('#q[aria-expanded=true]').waitFor();
    // The keys are the input method's: neither moved in the list nor taken from it.
    for (const key of ['ArrowDown', 'Tab', 'Enter'] as const) {
      await method.key(key);
      expect(await page.inputValue('#q'), key).toBe('手');
      expect(await page.locator('#q').getAttribute('aria-activedescendant'), key).toBeNull();
    }
    await method.commit('手法');
    expect(await page.inputValue('#q')).toBe('手法');
    await page.locator('query-box [role=option]', { hasText: '手法' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.inputValue('#q')).toMatch(/^(technique|手法):$/);
    expect(question(page)).toBeNull();
    // The value behind the field, composed in the middle of the question.
    await method.compose('ざふす');
    await method.key('Enter');
    await method.commit('XAFS');
    expect(await page.inputValue('#q')).toMatch(/^(technique|手法):XAFS$/);
  });

  it('in the builder: nothing is sent or lost while it composes, and the question follows', async () => {
    const page = await windowOf('leader', { language: 'ja' });
    await page.goto('/find?q=technique%3AXAFS');
    await page.locator('query-builder summary').click();
    const value = page.locator('query-builder input[type=text]').last();
    await value.waitFor();
    await value.fill('');
    await value.focus();
    const method = await InputMethod.of(page);
    await method.compose('しゃっこう');
    await method.key('Enter');
    await page.waitForTimeout(400);
    expect(question(page)).toBe('technique:XAFS');
    expect(await value.inputValue()).toBe('しゃっこう');
    await method.commit('斜光');
    expect(await value.inputValue()).toBe('斜光');
    await expect.poll(() => page.inputValue('#q')).toContain('斜光');
    await page.keyboard.press('Escape');
    await Promise.all([page.waitForURL((url) => (url.searchParams.get('q') ?? '').includes('斜光')), value.press('Enter')]);
  });

  it('in the field for people: nobody is chosen by a key that chooses kanji', async () => {
    const page = await windowOf('leader', { language: 'ja' });
    await page.goto('/proposals/2026A1234/sequences/S0007-pt-ceo2-heating/access');
    const field = page.locator('person-input input').first();
    await field.focus();
    const method = await InputMethod.of(page);
    await method.compose('鈴木');
    await page.locator('person-input [role=option]').first().waitFor();
    await method.key('ArrowDown');
    await method.key('Enter');
    expect(await field.inputValue()).toBe('鈴木');
    expect(await field.getAttribute('aria-activedescendant')).toBeNull();
    await method.commit('鈴木');
    await page.locator('person-input [role=option]', { hasText: '鈴木' }).first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => field.inputValue()).toMatch(/^[a-z]+$/);
    expect(new URL(page.url()).searchParams.has('done'), 'a person was chosen, not yet shared with').toBe(false);
  });
});

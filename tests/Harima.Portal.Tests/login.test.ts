import { expect, it } from 'vitest';
import { journey, logIn, person, window, windowOf, withBrowser } from './portal';

journey('Login', () => {
  withBrowser();

  it('lets a person in with account and password, and out again', async () => {
    const page = await windowOf('leader');
    expect(await page.locator('h1').textContent()).toContain('Welcome');
    await page.click('header summary[aria-label^="Account of"]');
    await page.click('text=Log out');
    await page.waitForURL('**/login');
    await page.goto('/keys');
    expect(new URL(page.url()).pathname).toBe('/login');
  });

  it('says that account or password is wrong, without saying which', async () => {
    const page = await window();
    await page.goto('/login');
    await page.fill('#account', 'leader');
    await page.fill('#password', 'not it');
    await page.click('.login form button[type=submit]');
    const wrongPassword = await page.locator('[role=alert]').textContent();
    await page.fill('#account', 'nobody-of-this-name');
    await page.fill('#password', 'not it');
    await page.click('.login form button[type=submit]');
    expect(await page.locator('[role=alert]').textContent()).toBe(wrongPassword);
    expect(await page.inputValue('#account')).toBe('nobody-of-this-name');
  });

  it('returns to the page that asked for it, but never to another site', async () => {
    const page = await window();
    await page.goto('/keys');
    const { password } = person('member');
    await page.fill('#account', 'member');
    await page.fill('#password', password);
    await page.click('.login form button[type=submit]');
    await page.waitForURL('**/keys');
    await page.context().clearCookies();
    await page.goto('/login?returnUrl=https://elsewhere.example/');
    await page.fill('#account', 'member');
    await page.fill('#password', password);
    await page.click('.login form button[type=submit]');
    await page.waitForURL((url) => url.pathname === '/');
    expect(new URL(page.url()).hostname).toBe('localhost');
  });

  it('speaks Japanese or English before login and keeps the choice', async () => {
    const page = await window({ language: 'ja' });
    await page.goto('/login');
    expect(await page.locator('h1').textContent()).toBe('ログイン');
    await page.click('header a[hreflang=en]');
    expect(await page.locator('h1').textContent()).toBe('Log in');
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.goto('/help');
    expect(await page.locator('h1').textContent()).toBe('Help');
  });

  it('keeps the chosen theme, and follows the system before there is a choice', async () => {
    const page = await window({ theme: 'dark' });
    await page.goto('/login');
    const theme = () => page.locator('html').getAttribute('data-bs-theme');
    expect(await theme()).toBe('dark');
    await page.click('theme-toggle button');
    expect(await theme()).toBe('light');
    await page.goto('/help');
    expect(await theme()).toBe('light');
  });

  it('goes over the OpenID provider of another institution and remembers that way', async () => {
    const page = await window();
    await page.goto('/login?returnUrl=/help');
    await page.click('text=Login with Institute ID');
    await page.fill('input[name=login]', 'sub-4711');
    await page.fill('input[name=password]', 'any');
    await page.click('button[type=submit]');
    await page.click('button[type=submit]'); // consent
    await page.waitForURL('**/help');
    await page.goto('/');
    expect(await page.locator('h1').textContent()).toContain('Hanako Yamada');
    await page.click('header summary[aria-label^="Account of"]');
    await page.click('text=Log out');
    await page.waitForURL('**/login');
    expect(await page.locator('.login .btn-primary').textContent()).toBe('Login with Institute ID');
  });

  it('comes back with a sentence when the provider refuses', async () => {
    const page = await window();
    await page.goto('/login');
    await page.click('text=Login with Institute ID');
    await page.click('text=Cancel');
    await page.waitForURL('**/login?failed=institute');
    expect(await page.locator('[role=alert]').textContent()).toContain('Nothing was changed');
  });

  it('works by keyboard alone', async () => {
    const page = await window();
    await page.goto('/login');
    await page.keyboard.type('leader');
    await page.keyboard.press('Tab');
    await page.keyboard.type(person('leader').password);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname === '/');
    await page.keyboard.press('?');
    await page.waitForURL('**/help');
    await page.goto('/sequences');
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('q');
  });

  it('ends for a second person in the same browser without leftovers of the first', async () => {
    const page = await windowOf('leader');
    await page.context().clearCookies();
    await logIn(page, 'stranger');
    await page.goto('/sequences?proposal=2026A1234&state=open');
    expect(await page.locator('tbody tr').count()).toBe(0);
  });
});

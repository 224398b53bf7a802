import { chromium } from 'playwright-core';
import { readFileSync, mkdirSync } from 'node:fs';
const base = process.env.BASE ?? 'http://localhost:8190';
const cred = JSON.parse(readFileSync(process.env.CRED ?? '/tmp/demo1/demo-credentials.json'));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--headless','--no-sandbox','--disable-gpu','--disable-quic','--no-first-run','--disable-background-networking','--disable-component-update','--disable-sync'] });
mkdirSync('/tmp/shots', { recursive: true });
const pages = (process.argv[2] ?? '/').split(',');
for (const [w, h, lang, theme] of (process.env.VIEWS ?? '1440x900-en-light').split(',').map(v => { const [s,l,t]=v.split('-'); return [...s.split('x').map(Number), l, t]; })) {
  const ctx = await browser.newContext({ viewport: { width: w, height: h }, locale: lang, colorScheme: theme });
  const page = await ctx.newPage();
  page.on('console', m => ['error','warning'].includes(m.type()) && console.log('console', m.text()));
  page.on('pageerror', e => console.log('pageerror', e.message));
  if (process.env.AS !== 'none') {
    const user = cred.users.find(u => u.name === (process.env.AS ?? 'leader'));
    await page.goto(base + '/login?lang=' + lang);
    await page.fill('#account', user.name); await page.fill('#password', user.password);
    await page.click('form[method=post] button[type=submit]:not(header *)');
    await page.waitForLoadState();
  } else await page.goto(base + '/help?lang=' + lang);
  for (const p of pages) {
    const r = await page.goto(base + p); await page.waitForTimeout(300);
    const f = `/tmp/shots/${p.replace(/[^a-z0-9]+/gi,'_')}-${w}-${lang}-${theme}${process.env.AS==='none'?'-anon':''}.png`;
    await page.screenshot({ path: f, fullPage: process.env.FULL !== '0' });
    console.log(r.status(), f);
  }
  await ctx.close();
}
await browser.close();

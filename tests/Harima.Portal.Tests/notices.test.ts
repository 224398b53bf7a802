import { createHmac } from 'node:crypto';
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { expect, inject, it } from 'vitest';
import { findings, journey, portal, windowOf, withBrowser } from './portal';

const { mailPort } = inject('facility');
const Csrf = { 'x-harima-csrf': '1' };

/** Saves the question in the browser, to be told of what is new. */
async function save(page: Page, question: string, title: string, notify: string): Promise<void> {
  await page.goto(`/find?q=${encodeURIComponent(question)}`);
  await page.getByText('Save search').click();
  await page.fill('#save-title', title);
  await page.selectOption('#save-notify', { label: notify });
  await page.locator('.menu-form').getByRole('button', { name: 'Save', exact: true }).last().click();
  await page.waitForURL(/done=saved/);
}

async function measure(page: Page, id: string, word: string): Promise<void> {
  const sequence = `${portal}/api/v1/proposals/2026A1234/sequences`;
  await page.request.post(sequence, { data: { id }, headers: Csrf });
  await page.request.put(`${sequence}/${id}/metadata/measurement`, { data: { comment: word }, headers: Csrf });
}

const search = (page: Page, title: string) => page.locator('.saved-searches > li', { hasText: title });

journey('Being told of what is new', () => {
  withBrowser();

  it('by the bell: it counts, names the sequence, and is read', async () => {
    const page = await windowOf('leader');
    await save(page, 'bellword', 'By the bell', 'Show it at the bell');
    await measure(page, 'NT-bell', 'bellword');
    // The index is looked at some seconds after a change.
    await expect.poll(async () => {
      await page.goto('/notices');
      return page.locator('main').innerText();
    }, { timeout: 50_000, interval: 1000 }).toContain('NT-bell');
    // Told in the middle of that answer, it was in the page but not yet in the head.
    await page.goto('/notices');
    expect(Number(await page.locator('.notices-count').innerText())).toBeGreaterThan(0);
    const told = page.locator('.comments > li', { hasText: 'By the bell' });
    expect(await told.innerText()).toContain('New: 1');
    expect(await findings(page)).toEqual([]);
    await told.getByRole('button', { name: 'Mark read: By the bell' }).click();
    await page.locator('.comments > li:not(.unread)', { hasText: 'By the bell' }).waitFor();
    expect(await page.locator('.comments > li.unread', { hasText: 'By the bell' }).count()).toBe(0);
    await page.locator('.comments > li', { hasText: 'By the bell' }).getByRole('link', { name: '2026A1234/NT-bell' }).click();
    await page.waitForURL(/NT-bell/);
  }, 90_000);

  it('page by page where the bell has told a great deal', async () => {
    const page = await windowOf('watanabe');
    for (let n = 1; n <= 23; n++) {
      const saved = await page.request.post(`${portal}/api/v1/saved-searches`, { data: { title: `Many ${n}`, q: 'technique:XAFS', notify: 'bell' }, headers: Csrf });
      const { id } = (await saved.json()) as { id: string };
      expect((await page.request.post(`${portal}/api/v1/saved-searches/${id}/test`, { headers: Csrf })).ok()).toBe(true);
    }
    await page.goto('/notices');
    const titles = () => page.locator('.comments > li strong').allInnerTexts();
    const first = await titles();
    expect(first.length).toBe(20);
    await page.getByRole('link', { name: 'Older notices' }).click();
    await page.waitForURL(/bells=/);
    expect([...first, ...(await titles())].filter((title) => title.startsWith('Many')).sort()).toEqual(Array.from({ length: 23 }, (_, n) => `Many ${n + 1}`).sort());
    // Read where it stands, one stays there.
    await page.getByRole('button', { name: 'Mark read: Many 1', exact: true }).click();
    await page.getByRole('button', { name: 'Mark read: Many 1', exact: true }).waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.has('bells')).toBe(true);
    await page.getByRole('link', { name: 'To the newest' }).click();
    await page.waitForURL('**/notices');
    await page.getByRole('button', { name: 'Mark all read' }).click();
    await page.locator('.notices-count').waitFor({ state: 'detached' });
  });

  it('by a webhook: a signed test arrives, a failure is seen with its reason, and it is stopped', async () => {
    const got: { headers: IncomingHttpHeaders; body: string }[] = [];
    let status = 204;
    const receiver = createHttpServer((request, answer) => {
      let body = '';
      request.on('data', (part) => (body += String(part)));
      request.on('end', () => {
        got.push({ headers: request.headers, body });
        answer.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    try {
      const page = await windowOf('member');
      await save(page, 'technique:XAFS', 'To a hook', 'Tell nobody');
      await page.goto('/searches');
      await search(page, 'To a hook').getByText('Name and notice').click();
      await search(page, 'To a hook').getByLabel('When something new is found').selectOption('Webhook');
      await search(page, 'To a hook').getByLabel('Address of the webhook').fill(`http://localhost:${(receiver.address() as AddressInfo).port}/hook`);
      await search(page, 'To a hook').getByRole('button', { name: 'Save', exact: true }).click();
      const secret = await page.locator('.secret code').innerText();

      await search(page, 'To a hook').getByText('Last notices', { exact: true }).click();
      await search(page, 'To a hook').getByRole('button', { name: 'Send a test' }).click();
      await page.locator('main', { hasText: 'The address took the test.' }).waitFor();
      expect(got).toHaveLength(1);
      expect(got[0]!.headers['x-harima-signature']).toBe(`sha256=${createHmac('sha256', secret).update(got[0]!.body).digest('hex')}`);
      expect(JSON.parse(got[0]!.body)).toMatchObject({ test: true, count: 0, search: { title: 'To a hook' } });

      status = 500;
      // A test follows another after ten seconds at the earliest: here that is refused, and said.
      await search(page, 'To a hook').getByRole('button', { name: 'Send a test' }).click();
      await page.locator('main', { hasText: 'Wait ten seconds' }).waitFor();
      await expect.poll(async () => {
        await page.goto('/searches');
        await search(page, 'To a hook').getByText('Last notices', { exact: true }).click();
        await search(page, 'To a hook').getByRole('button', { name: 'Send a test' }).click();
        return page.locator('main').innerText();
      }, { timeout: 30_000, interval: 2000 }).toContain('The test did not arrive: the address answered 500.');
      const rows = search(page, 'To a hook').locator('tbody tr');
      expect(await rows.nth(0).innerText()).toMatch(/Test[\s\S]*answered 500[\s\S]*Attempts: 1/);
      expect(await rows.nth(1).innerText()).toMatch(/Test[\s\S]*Sent/);
      expect(await findings(page)).toEqual([]);

      await search(page, 'To a hook').getByText('Name and notice').click();
      await search(page, 'To a hook').getByLabel('When something new is found').selectOption('None');
      await search(page, 'To a hook').getByRole('button', { name: 'Save', exact: true }).click();
      await page.waitForURL(/done=changed/);
      expect(await search(page, 'To a hook').getByText('Last notices', { exact: true }).count()).toBe(0);
    } finally {
      receiver.close();
    }
  }, 90_000);

  it('by mail: a test reaches the mail server', async () => {
    const mails: string[] = [];
    const server = createServer((socket) => {
      let text = '';
      let inData = false;
      socket.write('220 sink\r\n');
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        text += bytes.toString('utf8');
        for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
          const line = text.slice(0, end);
          text = text.slice(end + 2);
          if (inData) {
            mails.push(`${mails.pop() ?? ''}${line}\n`);
            inData = line !== '.';
            if (!inData) {
              socket.write('250 ok\r\n');
            }
          } else if (/^DATA/i.test(line)) {
            inData = true;
            mails.push('');
            socket.write('354 go on\r\n');
          } else {
            socket.write(/^QUIT/i.test(line) ? '221 bye\r\n' : '250 ok\r\n');
          }
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(mailPort, '127.0.0.1', resolve));
    try {
      const page = await windowOf('leader');
      await save(page, 'technique:XAFS', 'By mail', 'Mail to me');
      await page.goto('/searches');
      await search(page, 'By mail').getByText('Last notices', { exact: true }).click();
      await search(page, 'By mail').getByRole('button', { name: 'Send a test' }).click();
      await page.locator('main', { hasText: 'handed to the mail server' }).waitFor();
      const mail = mails.find((text) => text.includes('(test)'))!;
      const body = Buffer.from(mail.slice(mail.indexOf('\n\n')).replace(/[^A-Za-z0-9+/=]/g, ''), 'base64').toString('utf8');
      expect(body).toContain('保存した検索「By mail」の通知のテストです。');
      expect(body).toContain('A test of the notices of your saved search "By mail".');
    } finally {
      server.close();
    }
  });
});

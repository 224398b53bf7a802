import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { journey, portal, windowOf, withBrowser } from './portal';

const Proposal = '2026A1234';
const Csrf = { 'x-harima-csrf': '1' };

async function openSequence(page: Page, id: string, measurement?: unknown): Promise<string> {
  await page.request.post(`${portal}/api/v1/proposals/${Proposal}/sequences`, { data: { id }, headers: Csrf });
  if (measurement !== undefined) {
    await page.request.put(`${portal}/api/v1/proposals/${Proposal}/sequences/${id}/metadata/measurement`, { data: measurement, headers: Csrf });
  }
  return `/proposals/${Proposal}/sequences/${id}`;
}

async function describeSample(page: Page, json: string): Promise<void> {
  await page.selectOption('#sample-schema', '');
  await page.locator('#sample-json').waitFor();
  await page.fill('#sample-json', json);
}

journey('Samples', () => {
  withBrowser();

  it('are described with what is wrong in their identifiers, made from one another, and measured', async () => {
    const page = await windowOf('leader');
    await page.goto('/');
    await page.locator('.mainnav').getByRole('link', { name: 'Samples' }).click();
    await page.getByRole('link', { name: 'New sample' }).click();
    await page.waitForURL('**/samples/new**');
    await page.selectOption('#sample-proposal', Proposal);
    await describeSample(page, '{"names": ["Silver ingot", "銀塊"], "chemical_formula": "Ag", "identifiers": {"cas": "7440-22-5"}}');
    await page.locator('.metadata-errors', { hasText: 'check digit' }).waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL('**done=saved');
    expect(await page.locator('main').textContent()).toMatch(/銀塊[\s\S]*check digit[\s\S]*would be 4/);
    const ingot = new URL(page.url()).pathname.split('/').at(-1)!;

    await page.getByRole('link', { name: 'New sample from this one' }).click();
    await page.waitForURL('**/samples/new**');
    expect(await page.inputValue('#sample-parents')).toBe(ingot);
    await page.selectOption('#sample-proposal', Proposal);
    await describeSample(page, '{"names": ["Silver foil of the ingot"]}');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL('**done=saved');
    expect(await page.locator('.sample-branch').textContent()).toContain('Silver ingot');

    // Measured: chosen by name on the sequence's page.
    const sequence = await openSequence(page, 'SM-silver');
    await page.goto(`${sequence}?tab=metadata`);
    await page.fill('#link-sample', 'foil of the ing');
    await page.locator('sample-picker [role=option]', { hasText: 'Silver foil of the ingot' }).click();
    await page.getByRole('button', { name: 'Refer', exact: true }).click();
    await page.waitForURL('**done=saved');
    await page.locator('.sample-links').getByRole('link', { name: 'Silver foil of the ingot' }).click();
    expect(await page.locator('main').textContent()).toContain(`${Proposal}/SM-silver`);

    await page.goto(`/samples/${ingot}/edit`);
    await describeSample(page, '{"names": ["Silver ingot", "銀塊"], "chemical_formula": "Ag", "identifiers": {"cas": "7440-22-4"}}');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL('**done=saved');
    expect(await page.locator('#changes li').first().textContent()).toMatch(/7440-22-5[\s\S]*7440-22-4/);
    expect(await page.locator('main').textContent()).not.toContain('check digit');

    await page.goto(`${sequence}?tab=metadata`);
    await page.getByRole('button', { name: /Refer to Silver foil.* no more/ }).click();
    await page.waitForURL('**done=saved');
    expect(await page.locator('.sample-links').count()).toBe(0);
  });

  it('are hidden from those who may not see them', async () => {
    const page = await windowOf('leader');
    const made = await page.request.post(`${portal}/api/v1/proposals/${Proposal}/samples`, { data: { description: { names: ['Hidden alloy'] } }, headers: Csrf });
    const { id } = (await made.json()) as { id: string };
    const stranger = await windowOf('stranger');
    expect((await stranger.goto(`/samples/${id}`))!.status()).toBe(404);
    await stranger.goto('/samples?q=alloy');
    expect(await stranger.locator('main').textContent()).not.toContain('Hidden alloy');
  });
});

journey('Taking metadata in', () => {
  withBrowser();

  it('finds out the format, shows what would change, and then changes it', async () => {
    const page = await windowOf('leader');
    const here = await openSequence(page, 'SM-import', { data_info: { title: 'Before' } });
    await page.goto(`${here}?tab=metadata`);
    await page.setInputFiles('#import-file', { name: 'm.yml', mimeType: 'application/yaml', buffer: Buffer.from('data_info:\n  title: 白金箔\nsample:\n  name: Pt foil\n') });
    await page.getByRole('button', { name: 'See what would change' }).click();
    await page.locator('#import .difference').first().waitFor();
    expect(await page.locator('#import').textContent()).toMatch(/Read as:[\s\S]*YAML[\s\S]*Before[\s\S]*白金箔/);
    const read = async () => (await page.request.get(`${portal}/api/v1${here}/metadata/measurement`)).json();
    expect(await read()).toEqual({ data_info: { title: 'Before' } });
    await page.getByRole('button', { name: 'Take it in' }).click();
    await page.waitForURL('**done=saved');
    expect(await read()).toEqual({ data_info: { title: '白金箔' } });
    expect(await (await page.request.get(`${portal}/api/v1${here}/metadata/sample`)).json()).toEqual({ sample: { name: 'Pt foil' } });

    await page.setInputFiles('#import-file', { name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"a": 1}') });
    await page.getByRole('button', { name: 'See what would change' }).click();
    await page.locator('#import [role=alert]', { hasText: 'cannot be told' }).waitFor();
  });
});

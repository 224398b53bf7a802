/// <reference types="vitest/config" />
import { readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vite';

// The icons that pages draw, as one sprite: `<svg><use href="icons.svg#upload"/></svg>`. Left our word, right Bootstrap's.
const pageIcons: Record<string, string> = {
  access: 'people', archive: 'archive', beamline: 'broadcast', bell: 'bell', calendar: 'calendar3', chevron: 'chevron-down', close: 'lock',
  closed: 'lock-fill', columns: 'layout-three-columns', copy: 'copy', data: 'table', done: 'check-circle-fill', download: 'download', elements: 'grid-3x3-gap', everyone: 'globe2',
  file: 'file-earmark', filter: 'funnel', folder: 'folder-fill', help: 'question-circle', history: 'clock-history', home: 'house', info: 'info-circle-fill',
  key: 'key', limited: 'shield-lock', link: 'link-45deg', login: 'box-arrow-in-right', logout: 'box-arrow-right', menu: 'list',
  metadata: 'card-list', next: 'chevron-right', open: 'pencil-square', pause: 'pause-fill', person: 'person-circle', play: 'play-fill', plot: 'graph-up', plus: 'plus-lg', previous: 'chevron-left',
  proposal: 'journal-text', remove: 'trash3', sample: 'droplet-half', saved: 'bookmark-star', search: 'search', sequence: 'collection', sortDown: 'caret-down-fill',
  sortUp: 'caret-up-fill', storage: 'hdd-rack', terminal: 'terminal', upload: 'cloud-arrow-up', warning: 'exclamation-triangle-fill', workspace: 'hdd',
};

const sprite: Plugin = {
  name: 'page-icons',
  generateBundle() {
    const symbols = Object.entries(pageIcons).map(([id, name]) => {
      const svg = readFileSync(new URL(`node_modules/bootstrap-icons/icons/${name}.svg`, import.meta.url), 'utf8');
      return `<symbol id="${id}" viewBox="0 0 16 16">${svg.replace(/^[\s\S]*?<svg[^>]*>|<\/svg>\s*$/g, '').trim()}</symbol>`;
    });
    const source = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`;
    this.emitFile({ type: 'asset', name: 'icons.svg', originalFileName: 'icons.svg', source });
  },
};

export default defineConfig({
  // Relative, so that the portal may live below a path of its own behind a proxy.
  base: './',
  plugins: [sprite],
  build: {
    outDir: '../../wwwroot/islands',
    emptyOutDir: true,
    // The server reads it to know the names with their hashes.
    manifest: 'manifest.json',
    target: 'es2022',
    rolldownOptions: { input: 'src/main.ts' },
  },
  worker: { format: 'es' },
  css: { preprocessorOptions: { scss: { quietDeps: true, silenceDeprecations: ['import'] } } },
  // Checksums of large files take their time on a busy machine.
  test: { include: ['tests/**/*.test.ts'], testTimeout: 60_000 },
});
